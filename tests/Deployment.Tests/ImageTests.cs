using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

public sealed class ImageTests
{
    private static readonly string[] Needed = [
        "host.json", "worker.config.json", "functions.metadata", "extensions.json", ".azurefunctions/"];

    [Theory]
    [InlineData("Dockerfile", "mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0")]
    [InlineData("Dockerfile.local", "mcr.microsoft.com/dotnet/aspnet:10.0")]
    public void An_image_is_made_on_its_base_without_the_SDK_and_without_root(string file, string based)
    {
        var last = LastStage(file);
        // With or without a digest: tools/pin-images.sh adds it where a registry is reachable.
        Assert.Matches($@"\AFROM {Regex.Escape(based)}(@sha256:[0-9a-f]{{64}})?\z", last[0]);
        Assert.Contains("USER 1654", last);
        Assert.Contains(last, line => line.Contains("org.opencontainers.image.version", StringComparison.Ordinal));
        Assert.Contains(last, line => line.Contains($"org.opencontainers.image.base.name=\"{based}\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Dockerfile", "/azure-functions-host/Microsoft.Azure.WebJobs.Script.WebHost")]
    [InlineData("Dockerfile.local", "dotnet")]
    public void Process_1_is_the_program_itself_so_that_a_stop_reaches_it(string file, string program) =>
        Assert.StartsWith(
            $"ENTRYPOINT [\"{program}\"",
            LastStage(file).Single(line => line.StartsWith("ENTRYPOINT", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void The_app_is_where_the_host_looks_and_is_complete()
    {
        var text = Repository.Read("Dockerfile");
        Assert.Contains("AzureWebJobsScriptRoot=/home/site/wwwroot", text, StringComparison.Ordinal);
        Assert.Contains("COPY --from=build /home/site/wwwroot /home/site/wwwroot", text, StringComparison.Ordinal);
        Assert.All(
            Needed,
            needed => Assert.Contains($" {needed}", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Dockerfile")]
    [InlineData("Dockerfile.local")]
    public void The_build_context_has_what_the_build_copies_and_no_settings(string file)
    {
        var ignore = Repository.Read(".dockerignore").Split('\n');
        Assert.Contains("*", ignore);
        Assert.Contains("**/local.settings.json", ignore);
        var copied = Repository.Read(file).Split('\n')
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]);
        Assert.All(copied, path =>
        {
            Assert.True(Path.Exists(Repository.File(path.TrimEnd('/'))), $"{file} copies {path}, which does not exist.");
            Assert.Contains(ignore, line =>
                line == $"!{path}" || (path.StartsWith(line.TrimStart('!'), StringComparison.Ordinal) && line.StartsWith('!')));
        });
    }

    [Theory]
    [InlineData("Dockerfile", "Functions/Functions.csproj")]
    [InlineData("Dockerfile.local", "Local/Local.csproj")]
    public void An_image_has_precompiled_code_of_the_packages_in_the_lock_files(string file, string project)
    {
        var text = Repository.Read(file);
        var restores = $"dotnet restore {project} --locked-mode && dotnet restore {project} -p:Precompiled=true\n";
        Assert.Contains(restores, text, StringComparison.Ordinal);
        Assert.Contains($"dotnet publish {project} --configuration Release -p:Precompiled=true ", text, StringComparison.Ordinal);
        Assert.Contains("'$(Precompiled)' == 'true'", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
    }

    private static List<string> LastStage(string file)
    {
        var lines = Repository.Read(file).Split('\n').ToList();
        return lines[lines.FindLastIndex(line => line.StartsWith("FROM ", StringComparison.Ordinal))..];
    }
}
