using EmailIngestion.Local.Hosting;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

public sealed class FunctionCatalogTests
{
    // The deployed functions. Monitoring, scripts and the runbook call them, so a change here concerns all of these.
    [Fact]
    public void The_functions_are_these() => Assert.Equal(
        [
            "Audit GET audit Function",
            "ControlConcurrency PUT control/concurrency Function",
            "ControlGet GET control Function",
            "ControlPause POST control/pause Function",
            "ControlResume POST control/resume Function",
            "Deliveries GET deliveries Function",
            "DlqDelete DELETE dlq/{id} Function",
            "DlqExport GET dlq/export Function",
            "DlqGet GET dlq/{id} Function",
            "DlqGetRaw GET dlq/{id}/raw Function",
            "DlqGroups GET dlq/groups Function",
            "DlqList GET dlq Function",
            "DlqPurge POST dlq/purge Function",
            "DlqReplay POST dlq/{id}/replay Function",
            "DlqReplayAll POST dlq/replay Function",
            "HealthLive GET health/live Anonymous",
            "HealthReady GET health/ready Anonymous",
            "JobCancel DELETE jobs/{id} Function",
            "JobGet GET jobs/{id} Function",
            "JobList GET jobs Function",
            "MailboxBackfill POST mailboxes/backfill Function",
            "MailboxForget POST mailboxes/forget Function",
            "MailboxPoll POST mailboxes/poll Function",
            "MailboxUnpark POST mailboxes/unpark Function",
            "OpenApi GET openapi.json Anonymous",
            "PollMailboxes %POLL_SCHEDULE% UseMonitor=False RunOnStartup=False",
            "Scaler GET scaler Function",
            "Settings GET settings Function",
            "Status GET status Function",
            "Ui GET ui Anonymous",
        ],
        FunctionCatalog.Find(typeof(StatusFunction).Assembly).Select(Describe).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("admin")]
    [InlineData("admin/keys")]
    [InlineData("/admin/keys")]
    [InlineData("Admin/keys")]
    [InlineData("administration")]
    [InlineData("runtime")]
    [InlineData("runtime/webhooks")]
    [InlineData("RunTimes")]
    public void A_route_that_the_real_host_keeps_for_itself_is_refused(string route)
    {
        var error = Assert.Throws<InvalidOperationException>(() => FunctionCatalog.Check([Http("Mine", route, "get")]));
        Assert.Contains("Mine", error.Message, StringComparison.Ordinal);
        Assert.Contains(route, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_whose_name_is_its_route_is_refused_likewise() =>
        Assert.Throws<InvalidOperationException>(() => FunctionCatalog.Check([Http("AdminStatus", null, "get")]));

    [Theory]
    [InlineData("dlq/admin")]
    [InlineData("my/runtime")]
    [InlineData("status")]
    public void Other_routes_are_allowed(string route) => Assert.Single(FunctionCatalog.Check([Http("Mine", route, "get")]));

    [Fact]
    public void Two_functions_of_one_name_are_refused() => Assert.Contains(
        "Mine",
        Assert.Throws<InvalidOperationException>(() => FunctionCatalog.Check([Http("Mine", "a", "get"), Http("mine", "b", "get")])).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("dlq/{id}", "get", "dlq/{name}", "get")]
    [InlineData("dlq", "get", "DLQ", "GET")]
    [InlineData("/dlq", "get", "dlq/", "get")]
    [InlineData("dlq", null, "dlq", "get")]
    [InlineData("dlq", null, "dlq", null)]
    public void Two_functions_of_one_method_and_route_are_refused(string one, string? oneMethod, string other, string? otherMethod) =>
        Assert.Throws<InvalidOperationException>(() => FunctionCatalog.Check([Http("A", one, oneMethod), Http("B", other, otherMethod)]));

    [Theory]
    [InlineData("dlq/{id}", "get", "dlq/{id}", "delete")]
    [InlineData("dlq/{id}", "get", "dlq/groups", "get")]
    [InlineData("dlq/{id}", "get", "dlq/{id}/raw", "get")]
    public void Functions_that_differ_live_side_by_side(string one, string oneMethod, string other, string otherMethod) =>
        Assert.Equal(2, FunctionCatalog.Check([Http("A", one, oneMethod), Http("B", other, otherMethod)]).Count);

    [Fact]
    public void A_function_has_one_trigger()
    {
        Assert.Throws<InvalidOperationException>(() => FunctionCatalog.Check([Http("A", "a", "get") with { Http = null }]));
        Assert.Throws<InvalidOperationException>(
            () => FunctionCatalog.Check([Http("A", "a", "get") with { Timer = new TimerTriggerAttribute("0 * * * * *") }]));
    }

    private static FunctionDescriptor Http(string name, string? route, string? method) => new(
        name,
        typeof(FunctionCatalogTests).GetMethod(nameof(The_functions_are_these))!,
        new HttpTriggerAttribute(AuthorizationLevel.Function, method is null ? [] : [method]) { Route = route },
        null);

    private static string Describe(FunctionDescriptor function) => function switch
    {
        { Http: { } http } => $"{function.Name} {string.Join(',', http.Methods ?? []).ToUpperInvariant()} {http.Route} {http.AuthLevel}",
        { Timer: { } timer } => $"{function.Name} {timer.Schedule} UseMonitor={timer.UseMonitor} RunOnStartup={timer.RunOnStartup}",
        _ => function.Name,
    };
}
