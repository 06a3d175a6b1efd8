using System.Globalization;

namespace EmailIngestion.Messages.Content;

/// <summary>Gives names to the files of one email that have none. Such a name is unique in the email.</summary>
internal sealed class UniqueNames
{
    private readonly HashSet<string> _used;
    private readonly Dictionary<string, int> _next = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="given">The names that the sender gave.</param>
    public UniqueNames(IEnumerable<string> given) => _used = new(given, StringComparer.OrdinalIgnoreCase);

    /// <summary>The name itself, or with a number: <c>message.eml</c>, <c>message-2.eml</c>.</summary>
    public string Take(string name)
    {
        var free = name;
        while (!_used.Add(free))
        {
            var number = _next.GetValueOrDefault(name, 2);
            _next[name] = number + 1;
            free = FileNames.Append(name, string.Create(CultureInfo.InvariantCulture, $"-{number}"));
        }

        return free;
    }
}
