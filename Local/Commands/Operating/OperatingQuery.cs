using System.Text;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>The query of a request. Parameters without a value are left out.</summary>
internal sealed class OperatingQuery
{
    private readonly StringBuilder _text = new();

    public OperatingQuery With(string name, string? value)
    {
        if (value is not null)
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return this;
    }

    public OperatingQuery With(string name, long? value) => With(name, value is { } number ? ShownText.Number(number) : null);

    public override string ToString() => _text.ToString();
}
