namespace EmailIngestion.Messages.Authentication;

/// <summary>Finds the keys of DKIM signatures.</summary>
internal interface IDkimKeys
{
    /// <summary>
    /// Finds the key record of a selector. It blocks, since the conversion of an email does, and it ends within a few seconds. It throws
    /// nothing but a cancellation.
    /// </summary>
    /// <param name="name">
    /// The name of the record, such as <c>s1._domainkey.example.org</c>: letters, digits, hyphens, underscores and dots.
    /// </param>
    /// <param name="cancellationToken">Cancels the conversion.</param>
    DkimKeyAnswer Find(string name, CancellationToken cancellationToken);
}
