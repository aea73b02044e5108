using DocumentPipeline.Intake;

namespace DocumentPipeline.Tests;

public sealed class FileNameTests
{
    [Theory]
    [InlineData("contract.pdf", "contract.pdf")]
    [InlineData("/etc/passwd.txt", "passwd.txt")]
    [InlineData("C:\\Users\\me\\contract.pdf", "contract.pdf")]
    [InlineData("../../contract.pdf", "contract.pdf")]
    [InlineData("con\u0000tr\u001Bact\r\n.pdf", "con tr act  .pdf")]
    [InlineData("invoice\u202Efdp.exe", "invoicefdp.exe")]
    [InlineData("<b>bold</b>.txt", "b>.txt")]
    [InlineData("emoji 👩‍⚖️.pdf", "emoji 👩‍⚖️.pdf")]
    [InlineData("half \uD83D.pdf", "half \uFFFD.pdf")]
    [InlineData("..", "document")]
    [InlineData("   ", "document")]
    [InlineData("", "document")]
    [InlineData(null, "document")]
    public void Clean_keeps_the_readable_base_name(string? name, string expected) => Assert.Equal(expected, FileNames.Clean(name));

    [Fact]
    public void Clean_long_name_is_cut_and_keeps_its_extension()
    {
        var name = FileNames.Clean(new string('a', 500) + ".docx");

        Assert.Equal(120, name.Length);
        Assert.EndsWith("….docx", name, StringComparison.Ordinal);
    }
}
