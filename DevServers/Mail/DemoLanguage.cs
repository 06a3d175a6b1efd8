namespace EmailIngestion.DevServers.Mail;

/// <param name="Charset">The usual charset of mail in this language before UTF-8.</param>
/// <param name="Senders">Names of people and companies.</param>
/// <param name="Subjects">Subjects of invoices, support and alerts; <c>{0}</c> is a number.</param>
/// <param name="Sentences">The sentences of the bodies.</param>
internal sealed record DemoLanguage(string Charset, string[] Senders, string[] Subjects, string[] Sentences);
