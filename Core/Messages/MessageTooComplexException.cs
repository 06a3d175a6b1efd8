using System.Globalization;

namespace EmailIngestion.Messages;

/// <summary>
/// The email exceeds a limit of section <c>Processing</c> and is not parsed. A delivery that ends with it becomes a dead letter
/// <c>too-complex</c>, which can be replayed after the limit is raised.
/// </summary>
public sealed class MessageTooComplexException : Exception
{
    /// <param name="limit">The limit's name, as in <c>Processing:MaxParts</c>.</param>
    /// <param name="maximum">What the limit allows.</param>
    /// <param name="value">What was counted when counting ended; the email may hold more.</param>
    public MessageTooComplexException(string limit, long maximum, long value)
        : base(string.Create(CultureInfo.InvariantCulture, $"The email is too complex to be parsed: {limit} is {maximum}, and it has at least {value}."))
    {
        Limit = limit;
        Maximum = maximum;
        Value = value;
    }

    /// <summary>The name of the limit that was exceeded, as in <c>Processing:MaxParts</c>.</summary>
    public string Limit { get; }

    /// <summary>What the limit allows.</summary>
    public long Maximum { get; }

    /// <summary>What was counted when counting ended; the email may hold more.</summary>
    public long Value { get; }
}
