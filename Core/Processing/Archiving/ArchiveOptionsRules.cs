using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing.Archiving;

/// <summary>Validates that the archive is a folder or a container, and that the container's address can be read.</summary>
internal sealed class ArchiveOptionsRules : IValidateOptions<ArchiveOptions>
{
    public ValidateOptionsResult Validate(string? name, ArchiveOptions options) =>
        ArchiveContainer.Fault(options) is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;
}
