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
    [InlineData("..", "document")]
    [InlineData("   ", "document")]
    [InlineData("", "document")]
    [InlineData(null, "document")]
    public void Clean_keeps_the_readable_base_name(string? name, string expected) => Assert.Equal(expected, FileNames.Clean(name));

    // Not a case of the theory: half of a surrogate pair does not survive the way of its data through UTF-8.
    [Fact]
    public void Clean_half_of_a_surrogate_pair_is_replaced() => Assert.Equal("half \uFFFD.pdf", FileNames.Clean("half \uD83D.pdf"));

    [Fact]
    public void Clean_long_name_is_cut_and_keeps_its_extension()
    {
        var name = FileNames.Clean(new string('a', 500) + ".docx");

        Assert.Equal(120, name.Length);
        Assert.EndsWith("….docx", name, StringComparison.Ordinal);
    }
}
