using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>Fetches the bodies of one batch. Blocks.</summary>
internal sealed class GroupFetcher(
    IMailbox mailbox,
    PolledMailbox polled,
    PollingOptions polling,
    IncompleteEmails incomplete,
    Func<uint, bool> isLastAttempt,
    ILogger logger)
{
    private Func<uint?> _asking = () => null;

    // MailKit finds the email, and each such answer costs a connection.
    private bool _wasTooLong;

    /// <summary>The lowest requested UID that the server has not returned.</summary>
    public uint? Asking => _asking();

    /// <summary>
    /// Fetches the bodies and adds the emails to the batch, in order and without a gap. Returns the UID that the server does not return;
    /// null when there is none.
    /// </summary>
    /// <param name="group">The emails.</param>
    /// <param name="batch">The batch. After an exception it has the emails that were received.</param>
    /// <param name="bodies">Those bodies that were received already.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public uint? Fetch(
        IReadOnlyList<EmailEnvelope> group, FetchedBatch batch, Dictionary<uint, ReadOnlyMemory<byte>> bodies,
        CancellationToken cancellationToken)
    {
        var oversize = group
            .Where(envelope => envelope.Size > polling.MaxMessageBytes)
            .ToDictionary(envelope => envelope.Uid, envelope => envelope.Size!.Value);
        var announced = group.ToDictionary(envelope => envelope.Uid, envelope => envelope.Size);
        var shorts = new ShortAnswers();
        var hashes = new Dictionary<uint, byte[]>();
        void Request(uint[] uids)
        {
            if (CanFetchWhole)
            {
                using var emails = new WholeEmails(uids, polling.MaxMessageBytes, batch, Take);
                if (TryFetchWhole(emails, cancellationToken))
                    return;
                uids = [.. uids.Where(IsAbsent)];
            }

            if (uids.Length > 0)
                mailbox.FetchBodies(uids, Receive, cancellationToken);
        }

        void Receive(uint uid, Stream body)
        {
            // Not requested, or received already.
            if (!announced.ContainsKey(uid) || !IsAbsent(uid))
                return;
            // The body may be longer than announced.
            if (body.Length > polling.MaxMessageBytes)
                oversize[uid] = body.Length;
            else
                Take(uid, batch.Read(body), null);
        }

        void Take(uint uid, ReadOnlyMemory<byte> body, byte[]? sha256)
        {
            var size = announced[uid];
            var answer = AnswerRule.Of(body.Span, size);
            if (!shorts.Accepts(uid, body, answer, isLastAttempt(uid)))
                return;
            bodies[uid] = body;
            if (sha256 is not null)
                hashes[uid] = sha256;
            if (answer != Answer.Whole)
                Log.ShorterThanAnnounced(logger, polled.Name, uid, body.Length, size!.Value);
        }

        FetchedEmail Fetched(EmailEnvelope envelope) =>
            new(envelope, bodies[envelope.Uid]) { Sha256 = hashes.GetValueOrDefault(envelope.Uid) };
        bool IsAbsent(uint uid) => !bodies.ContainsKey(uid) && !oversize.ContainsKey(uid);
        uint[] wanted = [.. group.Select(envelope => envelope.Uid).Where(IsAbsent)];
        _asking = () => wanted.Where(IsAbsent).Cast<uint?>().FirstOrDefault();
        uint? stuck;
        try
        {
            if (wanted.Length > 0)
                Request(wanted);
            stuck = MissingEmails.Retry(
                mailbox,
                [.. wanted.Where(IsAbsent)],
                absent =>
                {
                    shorts.BeginRequest();
                    foreach (var uid in absent)
                        mailbox.FetchBodies([uid], Receive, cancellationToken);
                    return [.. absent.Where(IsAbsent)];
                },
                cancellationToken);
        }
        catch
        {
            // Keeps the emails received before the connection broke. Otherwise a connection that always breaks would make no progress.
            foreach (var envelope in group.TakeWhile(envelope => bodies.ContainsKey(envelope.Uid)))
                batch.Emails.Add(Fetched(envelope));
            throw;
        }

        foreach (var envelope in group.TakeWhile(envelope => !(envelope.Uid >= stuck)))
        {
            if (oversize.TryGetValue(envelope.Uid, out var size))
            {
                _asking = () => envelope.Uid;
                batch.Emails.Add(incomplete.Oversize(envelope with { Size = size }, cancellationToken));
            }
            else if (bodies.ContainsKey(envelope.Uid))
            {
                batch.Emails.Add(Fetched(envelope));
            }
        }

        return stuck;
    }

    private bool CanFetchWhole => mailbox.CanFetchAtOnce && !polled.Memory.HasUnreadableAnswers && !_wasTooLong;

    // False: MailKit has to request what has not come. It also reports a refusal.
    private bool TryFetchWhole(WholeEmails emails, CancellationToken cancellationToken)
    {
        var answer = mailbox.FetchWhole(emails, cancellationToken);
        _wasTooLong |= answer == FetchAnswer.TooLong;
        if (answer is FetchAnswer.Unable or FetchAnswer.Unreadable)
        {
            polled.Memory.HasUnreadableAnswers = true;
            Log.NotAtOnce(logger, polled.Name);
        }

        return answer == FetchAnswer.Complete && !emails.HasOtherForms;
    }
}
