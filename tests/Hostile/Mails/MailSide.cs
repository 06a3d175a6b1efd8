using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Text.Json;
using EmailIngestion.Messages;

namespace EmailIngestion.Hostile.Mails;

/// <summary>
/// Converts emails in a separate process: <c>mail-side &lt;size&gt; &lt;seed&gt; &lt;number&gt;…</c>. Prints a line of JSON for each.
/// </summary>
internal static class MailSide
{
    public const string Name = "mail-side";

    private const int ReferenceBytes = 32 * 1024 * 1024;

    public static int Run(string[] args)
    {
        var numbers = args.Skip(1).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var (size, seed) = (numbers[0], numbers[1]);
        Convert(Message(HostileMail.All[^1].Write(16 * 1024, new Random(seed))));
        var reference = Enumerable.Range(0, 3).Min(_ => Cpu(Reference));
        foreach (var number in numbers[2..])
            Console.WriteLine(JsonSerializer.Serialize(Measure(HostileMail.All[number], size, seed, reference)));
        return 0;
    }

    private static MailCost Measure(HostileMail mail, int size, int seed, double reference)
    {
        // Compiling and loading happen once and are not a cost of the email.
        for (var i = 0; i < 2; i++)
            Convert(Message(mail.Write(16 * 1024, new Random(seed))));
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var before = Status("VmRSS:");
        var message = Message(mail.Write(size, new Random(seed)));
        ForgetPeak();
        var outcome = "";
        var cpu = Cpu(() => outcome = Convert(message));
        var peak = Status("VmHWM:") - before;
        return new MailCost(cpu, reference, peak, FastestHeaders(message.Raw), outcome);
    }

    // The fastest of at least 20 readings. A slow one is read again for a second: on a busy machine the compiler takes longer than 20
    // readings to replace its first, slow code.
    private static double FastestHeaders(ReadOnlyMemory<byte> raw)
    {
        var fastest = double.MaxValue;
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20 || (fastest > MailPart.MaxHeaderMilliseconds && Stopwatch.GetElapsedTime(begun).TotalSeconds < 1); i++)
        {
            var started = Stopwatch.GetTimestamp();
            EmailHeaders.Read(raw);
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return fastest;
    }

    private static string Convert(EmailMessage message)
    {
        try
        {
            var parsed = message.Parsed;
            JsonSerializer.SerializeToUtf8Bytes(parsed, ParsedEmailJson.Readable.ParsedEmail);
            return $"{parsed.Attachments.Count} attachments, {parsed.To.Count + parsed.Cc.Count} recipients, "
                + $"text {parsed.Text?.Length ?? parsed.Html?.Length ?? 0}";
        }
        catch (MessageTooComplexException e)
        {
            return e.Limit;
        }
    }

    // A fixed amount of work, to distinguish a slow machine from a slow conversion: reads each byte in order.
    private static void Reference()
    {
        var bytes = new byte[ReferenceBytes];
        var sum = 0UL;
        for (var i = 0; i < bytes.Length; i++)
            sum = (sum * 31) + bytes[i] + (ulong)i;
        GC.KeepAlive(XxHash3.HashToUInt64(BitConverter.GetBytes(sum)));
    }

    private static double Cpu(Action work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds;
    }

    // Resets the peak (VmHWM), see proc(5).
    private static void ForgetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Status(string name) => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..]
            .Replace("kB", "", StringComparison.Ordinal),
        NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
        CultureInfo.InvariantCulture);

    private static EmailMessage Message(byte[] raw) => new()
    {
        Id = EmailId.Of("hostile@example.org", "INBOX", 1, 1),
        Mailbox = "hostile@example.org/INBOX",
        UidValidity = 1,
        Uid = 1,
        Date = DateTimeOffset.UnixEpoch,
        Size = raw.Length,
        Raw = raw,
    };
}
