using System.Text;

namespace EmailIngestion.Messages.Content.Calendars;

/// <summary>
/// The first event of a calendar file, with the time zones of the file. It is read line by line, so that no file costs more than its
/// length: nesting is counted only, and no recurrence is expanded. A calendar library reads everything into objects, for ten values.
/// </summary>
internal sealed class CalendarFile
{
    private const int MaxProperties = 2_000;
    private const int MaxLine = 8 * 1024;
    private const int MaxZones = 50;

    private readonly List<CalendarProperty> _event = [];
    private readonly Dictionary<string, CalendarZone> _zones = new(StringComparer.Ordinal);
    private readonly List<CalendarProperty> _zone = [];
    private readonly List<CalendarObservance> _observances = [];
    private string? _component;
    private int _depth;
    private bool _isObservance;
    private List<CalendarProperty> _observance = [];
    private bool _hasEvent;

    private CalendarFile()
    {
    }

    /// <summary>The METHOD of the file; null when there is none.</summary>
    public string? Method { get; private set; }

    /// <summary>Whether lines of the event were left out by a bound.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Reads a file; null when it has no event.</summary>
    public static CalendarFile? Read(string text, CancellationToken cancellationToken)
    {
        var file = new CalendarFile();
        var line = new StringBuilder();
        foreach (var part in text.AsSpan().EnumerateLines())
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A line that begins with white space continues the one before.
            if (part is [' ' or '\t', ..] && line.Length > 0)
            {
                line.Append(Cut(part[1..], Math.Max(0, MaxLine - line.Length)));
                continue;
            }

            file.Add(line);
            line.Clear().Append(Cut(part, MaxLine));
        }

        file.Add(line);
        return file._event.Count > 0 ? file : null;
    }

    /// <summary>The first property of the event with this name; null when there is none.</summary>
    public CalendarProperty? Find(string name) => _event.Find(property => property.Name == name);

    /// <summary>All properties of the event with this name.</summary>
    public IEnumerable<CalendarProperty> All(string name) => _event.Where(property => property.Name == name);

    /// <summary>The file's own time zone with this id; null when there is none.</summary>
    public CalendarZone? Zone(string id) => _zones.GetValueOrDefault(id);

    private static ReadOnlySpan<char> Cut(ReadOnlySpan<char> text, int length)
    {
        if (text.Length <= length)
            return text;
        return text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private void Add(StringBuilder line)
    {
        if (line.Length == 0 || CalendarProperty.Parse(line.ToString()) is not { } property)
            return;
        if (property.Name == "BEGIN")
            Begin(property.Value.ToUpperInvariant());
        else if (property.Name == "END")
            End();
        else if (_component is null)
            Method ??= property.Name == "METHOD" ? property.Value : null;
        else if (_component == "VEVENT" && _depth == 1 && !_hasEvent)
            AddTo(_event, property);
        else if (_component == "VTIMEZONE")
            AddTo(_depth == 1 ? _zone : _observance, property);
    }

    private void AddTo(List<CalendarProperty> properties, CalendarProperty property)
    {
        if (properties.Count < MaxProperties)
            properties.Add(property);
        else
            IsCut |= ReferenceEquals(properties, _event);
    }

    private void Begin(string name)
    {
        if (_component is null)
        {
            if (name == "VCALENDAR")
                return;
            (_component, _depth) = (name, 1);
            _zone.Clear();
            _observances.Clear();
            return;
        }

        _depth++;
        _isObservance = _depth == 2 && name is "STANDARD" or "DAYLIGHT";
        _observance = [];
    }

    private void End()
    {
        if (_component is null)
            return;
        if (_depth == 2 && _isObservance && CalendarObservance.Read(_observance) is { } observance && _observances.Count < MaxZones)
            _observances.Add(observance);
        if (--_depth > 0)
            return;
        if (_component == "VTIMEZONE" && _observances.Count > 0 && _zones.Count < MaxZones
            && _zone.Find(property => property.Name == "TZID") is { } id)
            _zones.TryAdd(id.Value, new CalendarZone([.. _observances]));
        _hasEvent |= _component == "VEVENT" && _event.Count > 0;
        _component = null;
    }
}
