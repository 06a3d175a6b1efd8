using EmailIngestion.Hostile;
using EmailIngestion.Hostile.Mails;

return args is [MailSide.Name, ..] ? MailSide.Run(args) : await HostileCommand.InvokeAsync(args);
