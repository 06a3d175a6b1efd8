using System.CommandLine;
using EmailIngestion.Bodies;
using EmailIngestion.DevServers;
using EmailIngestion.Faults;

var emails = new Option<int>("--emails") { Description = "How many emails the mailboxes receive.", DefaultValueFactory = _ => 20_000 };
var workers = new Option<int>("--workers") { Description = "How many consumer processes run.", DefaultValueFactory = _ => 4 };
var minutes = new Option<double>("--minutes") { Description = "How long faults are injected.", DefaultValueFactory = _ => 3 };
var seed = new Option<int>("--seed") { Description = "Chooses the emails and the order of the faults.", DefaultValueFactory = _ => 7 };
var redis = new Option<string>("--redis")
{
    Description = "The kind of Redis: standalone, sentinel or cluster.",
    DefaultValueFactory = _ => "standalone",
};
var minReplicas = new Option<int>("--min-replicas")
{
    Description = "With --redis sentinel: min-replicas-to-write, 0 to 2.",
    DefaultValueFactory = _ => 1,
};
var calm = new Option<bool>("--calm") { Description = "No email fails, hangs or kills. With --minutes 0 it measures sizes." };
var large = new Option<bool>("--large")
{
    Description = "A seventh of the emails has 200 KB to 2 MB, so that their messages are bodies in a store.",
};
var bodies = new Option<string>("--bodies")
{
    Description = "With --large: the store, redis or folder.",
    DefaultValueFactory = _ => "redis",
};
bodies.AcceptOnlyFromAmong("redis", "folder");
var after = new Option<bool>("--after")
{
    Description = "Pollers move, flag and delete emails after their outcome. They are killed before the server's confirmation too.",
};
var keep = new Option<bool>("--keep") { Description = "Keeps the logs of the processes." };
redis.AcceptOnlyFromAmong("standalone", "sentinel", "cluster");
Positive(emails, workers);
minReplicas.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 0 or > 2)
        result.AddError("--min-replicas must be 0, 1 or 2.");
});
minutes.Validators.Add(result =>
{
    if (result.GetValueOrDefault<double>() is not (>= 0 and <= 1_440))
        result.AddError("--minutes must be a number from 0 to 1440.");
});

var root = new RootCommand("Injects faults into real processes and servers, and accounts for every email.")
{
    emails, workers, minutes, seed, redis, minReplicas, calm, large, bodies, after, keep,
};
root.SetAction(async (parse, token) =>
{
    try
    {
        var run = new FaultRun(new FaultOptions
        {
            Emails = parse.GetValue(emails),
            Workers = parse.GetValue(workers),
            Duration = TimeSpan.FromMinutes(parse.GetValue(minutes)),
            Seed = parse.GetValue(seed),
            Redis = parse.GetValue(redis)!,
            MinReplicas = parse.GetValue(minReplicas),
            Calm = parse.GetValue(calm),
            Large = parse.GetValue(large),
            Bodies = parse.GetValue(bodies) == "folder" ? BodyStoreKind.Folder : BodyStoreKind.Redis,
            After = parse.GetValue(after),
            Keep = parse.GetValue(keep),
        });
        return await run.RunAsync(token) ? 0 : 1;
    }
    catch (ServerStartException e)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
});
return await root.Parse(args).InvokeAsync();

static void Positive(params Option<int>[] options)
{
    foreach (var option in options)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 10_000_000)
                result.AddError($"{option.Name} must be a number above 0.");
        });
    }
}
