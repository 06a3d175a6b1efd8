using EmailIngestion.Messages.Authentication;

namespace EmailIngestion.Core.Tests.Messages.Authentication;

/// <summary>The key records of a test, by name.</summary>
internal sealed class FakeKeys : IDkimKeys
{
    private readonly Dictionary<string, DkimKeyAnswer> _answers = new(StringComparer.Ordinal);

    /// <summary>The names that were asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The answer for every other name.</summary>
    public DkimKeyAnswer Otherwise { get; set; } = DkimKeyAnswer.None;

    public FakeKeys With(string name, string record)
    {
        _answers[name] = new DkimKeyAnswer(record);
        return this;
    }

    public DkimKeyAnswer Find(string name, CancellationToken cancellationToken)
    {
        Asked.Add(name);
        return _answers.GetValueOrDefault(name, Otherwise);
    }
}
