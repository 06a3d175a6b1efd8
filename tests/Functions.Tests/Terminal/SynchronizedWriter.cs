using System.Text;

namespace EmailIngestion.Functions.Tests.Terminal;

/// <summary>A text that one thread writes while another reads it.</summary>
internal sealed class SynchronizedWriter : TextWriter
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (_gate)
            _text.Append(value);
    }

    public override void Write(string? value)
    {
        lock (_gate)
            _text.Append(value);
    }

    public override string ToString()
    {
        lock (_gate)
            return _text.ToString();
    }
}
