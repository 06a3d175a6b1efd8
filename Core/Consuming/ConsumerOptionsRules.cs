using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>Validates the rules of <see cref="ConsumerOptions"/> that attributes cannot express.</summary>
internal sealed class ConsumerOptionsRules : IValidateOptions<ConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsumerOptions options)
    {
        if (options.LeaseRenewal * 2 > options.Lease)
        {
            return ValidateOptionsResult.Fail(
                $"Consumer:Lease is {options.Lease} and Consumer:LeaseRenewal is {options.LeaseRenewal}: "
                + "the lease must be at least twice its renewal interval, or it expires while the processor runs.");
        }

        if (options.Name is not null && string.IsNullOrWhiteSpace(options.Name))
            return ValidateOptionsResult.Fail("Consumer:Name is blank: set a name, or remove the setting for a generated one.");
        if (options.Name is { } chosen
            && (chosen.Any(char.IsControl) || chosen.Contains(ConsumerIdentity.NonceSeparator, StringComparison.Ordinal)))
        {
            return ValidateOptionsResult.Fail(
                $"Consumer:Name '{BoundedText.Line(chosen)}' contains a control character or '{ConsumerIdentity.NonceSeparator}', "
                + "which separates the name from the nonce of the process: choose a name without them.");
        }

        if (options.Name is ConsumerGroup.Waiting or ConsumerGroup.WaitingLarge)
        {
            return ValidateOptionsResult.Fail(
                $"Consumer:Name is '{options.Name}', which is reserved for deliveries that wait: choose another name.");
        }

        return SpoolFault(options) is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;
    }

    private static string? SpoolFault(ConsumerOptions options)
    {
        if (!options.Enabled || options.SpoolFolder.Length == 0)
            return null;
        try
        {
            PrivateFiles.Try(options.SpoolFolder);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"Consumer:SpoolFolder {BoundedText.Line(options.SpoolFolder)} cannot be written: {PrivateFiles.Reason(e)}";
        }
    }
}
