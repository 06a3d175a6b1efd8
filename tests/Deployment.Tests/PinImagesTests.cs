using System.Runtime.Versioning;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>Runs <c>tools/pin-images.sh</c> with a script as the container engine: no registry is called.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PinImagesTests : IDisposable
{
    private const string Text = """
        # FROM nothing:here is a comment.
        FROM registry.example/sdk:10.0 AS build
        COPY . .
        FROM --platform=linux/amd64 registry.example:5000/runtime:10.0
        COPY --from=build /app /app
        FROM build
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("pin-").FullName;

    private string Dockerfile => Path.Combine(_folder, "Dockerfile");

    private string Engine => Path.Combine(_folder, "engine");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_base_image_is_pinned_by_the_digest_of_its_tag()
    {
        await PrepareAsync('a', 'b');
        Assert.Equal(0, await PinAsync());
        var expected = Text
            .Replace("sdk:10.0 AS", $"sdk:10.0@sha256:{new string('a', 64)} AS", StringComparison.Ordinal)
            .Replace("runtime:10.0\n", $"runtime:10.0@sha256:{new string('b', 64)}\n", StringComparison.Ordinal);
        Assert.Equal(expected + "\n", await ReadAsync());
        Assert.Equal(0, await PinAsync("--check"));
    }

    [Fact]
    public async Task The_images_of_a_compose_file_are_pinned_too()
    {
        const string compose = """
            services:
              one:
                image: registry.example/sdk:10.0
              two:
                build: registry.example/sdk:10.0

            """;
        await PrepareAsync('a', 'b', text: compose);
        Assert.Equal(1, await PinAsync("--check"));
        Assert.Equal(0, await PinAsync());
        const string image = "image: registry.example/sdk:10.0";
        var expected = compose.Replace(image, $"{image}@sha256:{new string('a', 64)}", StringComparison.Ordinal);
        Assert.Equal(expected, await ReadAsync());
        Assert.Equal(0, await PinAsync("--check"));
    }

    [Fact]
    public async Task A_pinned_image_is_resolved_again()
    {
        await PrepareAsync('a', 'b');
        Assert.Equal(0, await PinAsync());
        await PrepareAsync('c', 'd', text: await ReadAsync());
        Assert.Equal(0, await PinAsync());
        var text = await ReadAsync();
        Assert.Contains($"sdk:10.0@sha256:{new string('c', 64)} AS build", text, StringComparison.Ordinal);
        Assert.Contains($"runtime:10.0@sha256:{new string('d', 64)}\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('a', 64), text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 1")]
    [InlineData("[ $1 = pull ] || echo registry.example/sdk@sha256:short")]
    [InlineData("[ $1 = pull ] || echo another.example/sdk@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task An_image_that_cannot_be_resolved_leaves_the_file_as_it_was(string script)
    {
        await PrepareAsync('a', 'b', script);
        Assert.Equal(1, await PinAsync());
        Assert.Equal(Text + "\n", await ReadAsync());
    }

    [Fact]
    public async Task A_check_fails_while_a_base_image_is_not_pinned()
    {
        await PrepareAsync('a', 'b');
        Assert.Equal(1, await PinAsync("--check"));
        Assert.Equal(Text + "\n", await ReadAsync());
    }

    private async Task PrepareAsync(char sdk, char runtime, string? script = null, string? text = null)
    {
        await File.WriteAllTextAsync(Dockerfile, text ?? Text + "\n", TestContext.Current.CancellationToken);
        script ??= $"""
            [ $1 = pull ] && exit
            case $* in
            *registry.example/sdk:10.0) echo registry.example/sdk@sha256:{new string(sdk, 64)};;
            *registry.example:5000/runtime:10.0) echo registry.example:5000/runtime@sha256:{new string(runtime, 64)};;
            *) exit 1;;
            esac
            """;
        await File.WriteAllTextAsync(Engine, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(Engine, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<int> PinAsync(params string[] arguments)
    {
        string[] command = [Repository.File("tools", "pin-images.sh"), .. arguments, Dockerfile];
        var output = await Tool.RunAsync(
            Tool.Require("bash"),
            ["-c", "ENGINE=$0 \"$@\" >/dev/null 2>&1; echo $?", Engine, .. command],
            TestContext.Current.CancellationToken);
        return int.Parse(output, System.Globalization.CultureInfo.InvariantCulture);
    }

    private Task<string> ReadAsync() => File.ReadAllTextAsync(Dockerfile, TestContext.Current.CancellationToken);
}
