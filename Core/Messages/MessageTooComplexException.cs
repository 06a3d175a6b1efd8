using System.Globalization;

namespace EmailIngestion.Messages;

/// <summary>
/// The email exceeds a limit of section <c>Processing</c> and is not parsed. An email whose delivery ends with this exception becomes a
/// dead letter with the reason <c>too-complex</c>. It can be replayed after the limit is raised.
/// </summary>
public sealed class MessageTooComplexException : Exception
{
    /// <summary>Creates the exception for one limit.</summary>
    /// <param name="limit">The name of the limit's setting, as <c>Processing:MaxParts</c>.</param>
    /// <param name="maximum">The limit's value.</param>
    /// <param name="value">The count when counting stopped; the email may have more.</param>
    public MessageTooComplexException(string limit, long maximum, long value)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"The email is too complex to be parsed: {limit} is {maximum}, and it has at least {value}."))
    {
        Limit = limit;
        Maximum = maximum;
        Value = value;
    }

    /// <summary>The name of the exceeded limit's setting, as <c>Processing:MaxParts</c>.</summary>
    public string Limit { get; }

    /// <summary>The limit's value.</summary>
    public long Maximum { get; }

    /// <summary>The count when counting stopped; the email may have more.</summary>
    public long Value { get; }
}
