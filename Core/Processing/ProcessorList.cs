namespace EmailIngestion.Processing;

/// <summary>The processors of an email in their order. Each one runs after the one before has succeeded.</summary>
/// <param name="Index">The number of the list in this process, from 0.</param>
/// <param name="Setting">The first setting that has the list, for error messages.</param>
/// <param name="Names">The registered names.</param>
internal sealed record ProcessorList(int Index, string Setting, IReadOnlyList<string> Names)
{
    /// <summary>The names with commas, as they are written in the settings.</summary>
    public string Text { get; } = string.Join(',', Names);
}
