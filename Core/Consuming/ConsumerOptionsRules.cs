using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

internal sealed class ConsumerOptionsRules : IValidateOptions<ConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsumerOptions options)
    {
        if (options.LeaseRenewal * 2 > options.Lease)
            return ValidateOptionsResult.Fail(
                $"Consumer:Lease is {options.Lease} and Consumer:LeaseRenewal {options.LeaseRenewal}: a lease must be at least twice its renewal, or it runs out while the work goes on.");
        if (options.Name is not null && string.IsNullOrWhiteSpace(options.Name))
            return ValidateOptionsResult.Fail("Consumer:Name is blank: leave it out for a name of its own, or give one.");
        if (options.Name is { } chosen && (chosen.Any(char.IsControl) || chosen.Contains(ConsumerGroup.NonceSeparator, StringComparison.Ordinal)))
            return ValidateOptionsResult.Fail(
                $"Consumer:Name '{BoundedText.Line(chosen)}' contains a control character or '{ConsumerGroup.NonceSeparator}': give a name without them; '{ConsumerGroup.NonceSeparator}' is the mark before the process's own part of the name.");
        if (options.Name is ConsumerGroup.Waiting or ConsumerGroup.WaitingLarge)
            return ValidateOptionsResult.Fail($"Consumer:Name is '{options.Name}': deliveries that wait are kept under that name.");
        return ValidateOptionsResult.Success;
    }
}
