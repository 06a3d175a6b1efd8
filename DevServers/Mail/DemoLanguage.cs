namespace EmailIngestion.DevServers.Mail;

/// <param name="Charset">The charset that mail in this language had before everybody wrote UTF-8.</param>
/// <param name="Senders">Names of people and firms.</param>
/// <param name="Subjects">Invoices, support, alerts; <c>{0}</c> is a number.</param>
/// <param name="Sentences">What the mail is filled with.</param>
internal sealed record DemoLanguage(string Charset, string[] Senders, string[] Subjects, string[] Sentences);
