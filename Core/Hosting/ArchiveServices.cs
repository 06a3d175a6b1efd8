using EmailIngestion.Processing;
using EmailIngestion.Processing.Archiving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers where the archive is.</summary>
internal static class ArchiveServices
{
    public static IServiceCollection AddArchiveTarget(this IServiceCollection services) => services
        .PostConfigure<ArchiveOptions>(options => options.UseDefaultFolder())
        .AddSingleton<IValidateOptions<ArchiveOptions>, ArchiveOptionsRules>()
        .AddSingleton<IArchiveTarget>(provider => provider.GetRequiredService<IOptions<ArchiveOptions>>().Value.Container.Length > 0
            ? ActivatorUtilities.CreateInstance<BlobArchive>(provider)
            : ActivatorUtilities.CreateInstance<FolderArchive>(provider));
}
