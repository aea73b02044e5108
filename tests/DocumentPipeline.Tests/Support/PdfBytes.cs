using System.Text;

namespace DocumentPipeline.Tests.Support;

/// <summary>A PDF that is written object by object.</summary>
internal sealed class PdfBytes : IDisposable
{
    private readonly MemoryStream _bytes = new();
    private readonly List<long> _offsets = [];

    public PdfBytes() => Write("%PDF-1.4\n");

    public void Object(string text)
    {
        Begin();
        Write($"{text}\nendobj\n");
    }

    public void Stream(string dictionary, byte[] content)
    {
        Begin();
        Write($"{dictionary}\nstream\n");
        _bytes.Write(content);
        Write("\nendstream\nendobj\n");
    }

    public byte[] End()
    {
        var start = _bytes.Position;
        Write($"xref\n0 {_offsets.Count + 1}\n0000000000 65535 f \n{string.Concat(_offsets.Select(offset => $"{offset:D10} 00000 n \n"))}");
        Write($"trailer\n<< /Size {_offsets.Count + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return _bytes.ToArray();
    }

    public void Dispose() => _bytes.Dispose();

    private void Begin()
    {
        _offsets.Add(_bytes.Position);
        Write($"{_offsets.Count} 0 obj\n");
    }

    private void Write(string text) => _bytes.Write(Encoding.ASCII.GetBytes(text));
}
