using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

/// <summary>
/// Converts emails written for it, each with a quirk of its own (its name), and compares the whole JSON. A changed file is written beside
/// the test's assembly.
/// </summary>
public sealed class GoldenMailTests
{
    private static readonly JsonSerializerOptions Indented = new(ParsedEmailJson.Readable.Options) { WriteIndented = true };

    public static TheoryData<string> Names =>
    [
        .. Directory.EnumerateFiles(Folder(), "*.eml").Select(file => Path.GetFileNameWithoutExtension(file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The bytes of a golden mail.</summary>
    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder(), name + ".eml"));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_golden_mail_is_converted_as_before(string name)
    {
        var email = Mail.Of(Read(name));
        email.Begin(new ReadingSettings { AuthenticationServer = "mx.example.net" }, CancellationToken.None);
        var json = JsonSerializer.Serialize(email.Parsed, Indented).ReplaceLineEndings("\n") + "\n";
        var expected = Path.Combine(Folder(), name + ".json");
        if (File.Exists(expected) && File.ReadAllText(expected) == json)
            return;
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "Golden")).FullName;
        File.WriteAllText(Path.Combine(folder, name + ".json"), json);
        Assert.Fail($"{name}.json is not what the email becomes. What it becomes is in {folder}.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_archive_writes_what_other_serializers_of_the_email_write(string name)
    {
        var email = Mail.Of(Read(name)).Parsed;
        Assert.Equal(
            JsonSerializer.Serialize(email, ParsedEmailJson.Readable.ParsedEmail), Encoding.UTF8.GetString(SummaryJson.Write(email).Span));
    }

    [Fact]
    public void There_are_golden_mails() => Assert.True(Names.Count > 15);

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Golden");
}
