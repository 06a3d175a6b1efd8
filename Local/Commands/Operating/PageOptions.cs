using System.CommandLine;
using System.Globalization;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>The flags of a list that has pages.</summary>
internal sealed class PageOptions
{
    private const int MaxPage = 1000;

    private readonly Option<int?> _limit = new("--limit") { Description = "The most lines (50; at most 1000)." };
    private readonly Option<string?> _after = new("--after") { Description = "Continues a list: the value in its last line." };

    public PageOptions() => _limit.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }]
            && !(int.TryParse(text, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxPage))
        {
            result.AddError($"--limit must be a number between 1 and {MaxPage}.");
        }
    });

    public void AddTo(Command command)
    {
        command.Options.Add(_limit);
        command.Options.Add(_after);
    }

    public OperatingQuery AddTo(OperatingQuery query, OperatingContext context) =>
        query.With("limit", context.Get(_limit)).With("after", context.Get(_after));
}
