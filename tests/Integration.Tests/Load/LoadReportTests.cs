using EmailIngestion.Load;
using Xunit;

namespace EmailIngestion.Integration.Tests.Load;

/// <summary>Tests the report that is computed from the workers' measurements.</summary>
public sealed class LoadReportTests
{
    private static readonly LoadOptions Options = new() { Emails = 4, Workers = 2 };

    [Fact]
    public void A_run_that_processes_every_email_once_is_good()
    {
        var report = Report(Samples(1, 2, 3, 4));
        Assert.Equal((4, 0, 0, true), (report.Processed, report.Duplicates, report.Lost, report.IsGood));
    }

    [Fact]
    public void An_email_without_a_run_is_lost_however_often_others_ran()
    {
        var report = Report(Samples(1, 2, 2, 3));
        Assert.Equal((3, 1, 1, false), (report.Processed, report.Duplicates, report.Lost, report.IsGood));
    }

    [Fact]
    public void A_dead_letter_does_not_count_as_lost()
    {
        var report = Report(Samples(1, 2, 3), deadLetters: 1);
        Assert.Equal((0, 1, true), (report.Lost, report.DeadLetters, report.IsGood));
    }

    [Fact]
    public void Rates_count_emails_not_deliveries()
    {
        var samples = Samples(1, 2, 3, 4, 4);
        samples.Last = 2 * TimeProvider.System.TimestampFrequency;
        var report = Report(samples, took: TimeSpan.FromSeconds(0.5));
        Assert.Equal((8.0, 2.0, 1.0), (report.ProducedPerSecond, report.ConsumedPerSecond, report.ConsumedPerSecondPerWorker));
    }

    [Fact]
    public void The_steady_rate_leaves_out_the_start_and_the_end()
    {
        var samples = Samples([.. Enumerable.Range(1, 100).Select(uid => (uint)uid)]);
        samples.Begun.Clear();
        // The first fifty and the last ten emails are slow.
        long at = 0;
        foreach (var uid in samples.Uids)
            samples.Begun.Add(at += TimeProvider.System.TimestampFrequency / (uid is > 50 and <= 91 ? 20 : 1));
        samples.Begun.Reverse();
        Assert.Equal(20.0, Report(samples).SteadyPerSecond);
    }

    [Fact]
    public void The_values_of_the_workers_are_added_up()
    {
        var folder = Directory.CreateTempSubdirectory("samples-").FullName;
        var all = new LoadSamples();
        foreach (var (uid, first, last) in new[] { (7u, 30L, 40L), (8u, 10L, 20L) })
        {
            var file = Path.Combine(folder, $"{uid}");
            var one = new LoadSamples { Last = last };
            one.Uids.Add(uid);
            one.Begun.Add(first);
            one.QueueWait.Add(uid);
            one.EndToEnd.Add(uid * 2);
            one.Write(file);
            all.Read(file);
        }

        Directory.Delete(folder, recursive: true);
        Assert.Equal([7u, 8u], all.Uids);
        Assert.Equal([30L, 10L], all.Begun);
        Assert.Equal(40L, all.Last);
        Assert.Equal([7.0, 8.0], all.QueueWait);
        Assert.Empty(all.Processing);
        Assert.Equal([14.0, 16.0], all.EndToEnd);
    }

    [Fact]
    public void Percentiles_are_measured_values()
    {
        var percentiles = Percentiles.OfSeconds([.. Enumerable.Range(1, 200).Select(value => value / 1_000.0).Reverse()]);
        Assert.Equal(new Percentiles(100, 190, 198, 200), percentiles);
        Assert.Equal(new Percentiles(5, 5, 5, 5), Percentiles.OfSeconds([0.005]));
        Assert.Equal(new Percentiles(0, 0, 0, 0), Percentiles.OfSeconds([]));
    }

    private static LoadReport Report(LoadSamples samples, int deadLetters = 0, TimeSpan? took = null) =>
        LoadReport.Of(Options, ownRedis: true, samples, took, deadLetters, 0, memory: null, TimeProvider.System);

    private static LoadSamples Samples(params uint[] uids)
    {
        var samples = new LoadSamples();
        samples.Uids.AddRange(uids);
        samples.Begun.AddRange(uids.Select(_ => 0L));
        return samples;
    }
}
