using EmailIngestion.Configuration;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>Checks the schedule of a process that polls. A Functions host with an invalid schedule would run without a timer.</summary>
internal sealed class PollTimerOptionsRules(IOptions<PollingOptions> polling) : IValidateOptions<PollTimerOptions>
{
    public ValidateOptionsResult Validate(string? name, PollTimerOptions options)
    {
        if (options.Schedule is null || options.IsDisabled || !polling.Value.Polls)
            return ValidateOptionsResult.Success;
        try
        {
            TimerSchedule.Parse($"%{PollTimerOptions.Setting}%", _ => options.Schedule.Length == 0 ? null : options.Schedule);
            return ValidateOptionsResult.Success;
        }
        catch (SettingsException e)
        {
            return ValidateOptionsResult.Fail(e.Message);
        }
    }
}
