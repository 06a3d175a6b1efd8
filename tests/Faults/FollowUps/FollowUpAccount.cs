using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>The account of what was done in the mailboxes after the outcomes: each email is in its place, once.</summary>
internal sealed record FollowUpAccount
{
    /// <summary>The number of emails by mailbox and place.</summary>
    public IReadOnlyDictionary<string, int> Places { get; private init; } = new Dictionary<string, int>();

    /// <summary>How many emails stay as they were, or in the middle of a follow-up, because Redis has lost their notes.</summary>
    public int Left { get; private init; }

    /// <summary>How many emails were copied again, because Redis has lost the note of a follow-up that was cut after its copy.</summary>
    public int CopiedAgain { get; private init; }

    /// <summary>Emails that are lost, in a wrong place, there twice, or touched before their outcome.</summary>
    public required IReadOnlyList<string> Troubles { get; init; }

    /// <summary>Adds the account of another mailbox.</summary>
    public FollowUpAccount And(FollowUpAccount other) => new()
    {
        Places = new Dictionary<string, int>(Places.Concat(other.Places), StringComparer.Ordinal),
        Left = Left + other.Left,
        CopiedAgain = CopiedAgain + other.CopiedAgain,
        Troubles = [.. Troubles, .. other.Troubles],
    };

    /// <summary>Accounts for the emails of one mailbox.</summary>
    /// <param name="mails">The emails that a mailbox has received.</param>
    /// <param name="plan">What is done there.</param>
    /// <param name="stored">What its account has at the end.</param>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="lostNotes">The notes that Redis has lost.</param>
    public static FollowUpAccount Of(
        IReadOnlyList<(string Mailbox, uint Uid, int Number)> mails, MailboxPlan plan, IReadOnlyList<StoredEmail> stored, Outcomes outcomes,
        IReadOnlySet<(string Mailbox, uint Uid, NoteOutcome Outcome)> lostNotes)
    {
        var inbox = stored.Where(email => email.Place.Folder == MailboxPlan.Inbox).ToDictionary(email => email.Uid);
        var elsewhere = stored.Where(email => email.Place.Folder != MailboxPlan.Inbox).ToList();
        var (places, left, troubles) = (new Dictionary<string, int>(StringComparer.Ordinal), 0, new List<string>());
        foreach (var (mailbox, uid, number) in mails)
        {
            var settled = outcomes.Of((mailbox, uid)).Keys;
            var allowed = PlacesAfter(plan, settled, outcome => lostNotes.Contains((mailbox, uid, outcome)));
            var place = Take(inbox.GetValueOrDefault(uid)?.Place, elsewhere, number, allowed);
            if (!allowed.Contains(place))
            {
                troubles.Add(
                    $"{mailbox} {uid} (mail {number}, {string.Join('+', settled)}) is {place}, and not {string.Join(" or ", allowed)}");
                continue;
            }

            if (!PlacesAfter(plan, settled, _ => false).Contains(place))
                left++;
            var name = $"{mailbox}: {place}";
            places[name] = places.GetValueOrDefault(name) + 1;
        }

        // One more copy for each note that was lost.
        var copiedAgain = mails.Count(mail => elsewhere.Find(email => email.Number == mail.Number && LostFollowUps(mail).Any(
            followUp => EmailPlace.Untouched.Amid(followUp, plan.HidesMove, plan.HidesUidPlus).Any(place => place.Copy == email.Place)))
            is { } copy && elsewhere.Remove(copy));
        troubles.AddRange(elsewhere.Select(
            email => $"{mails[0].Mailbox}: mail {email.Number} is once more {email.Place} as UID {email.Uid}"));
        return new FollowUpAccount { Places = places, Left = left, CopiedAgain = copiedAgain, Troubles = troubles };

        IEnumerable<FollowUp> LostFollowUps((string Mailbox, uint Uid, int Number) mail) =>
            Enum.GetValues<NoteOutcome>().Where(outcome => lostNotes.Contains((mail.Mailbox, mail.Uid, outcome)))
                .Select(outcome => FollowUpOf(plan, outcome));
    }

    /// <summary>The emails that were touched before their outcome, or sooner after it than <c>Polling:FollowUpDelay</c>.</summary>
    public static IEnumerable<string> TouchedEarly(
        IEnumerable<KeyValuePair<(string Mailbox, uint Uid), DateTimeOffset>> touched, Outcomes outcomes, TimeSpan delay)
    {
        foreach (var (email, seen) in touched)
        {
            var settled = outcomes.Of(email).Values;
            if (!settled.Any(at => at <= seen - delay))
                yield return $"{email.Mailbox} {email.Uid} was touched before {seen:HH:mm:ss.fff}; its outcomes: "
                    + string.Join(", ", settled.Select(at => $"{at:HH:mm:ss.fff}"));
        }
    }

    /// <summary>Where an email may be. Two outcomes come in any order: a dead letter may be replayed.</summary>
    private static HashSet<EmailPlace> PlacesAfter(MailboxPlan plan, IEnumerable<NoteOutcome> settled, Func<NoteOutcome, bool> isLost)
    {
        NoteOutcome[] order = [.. settled.Order()];
        return [.. new[] { order, [.. order.Reverse()] }.SelectMany(outcomes => outcomes.Aggregate(
            new HashSet<EmailPlace> { EmailPlace.Untouched },
            (places, outcome) => [.. places.SelectMany(place => PlacesAfter(plan, outcome, place, isLost(outcome)))]))];
    }

    private static IEnumerable<EmailPlace> PlacesAfter(MailboxPlan plan, NoteOutcome outcome, EmailPlace place, bool isLost)
    {
        var followUp = FollowUpOf(plan, outcome);
        return [
            place.After(followUp, plan.HidesUidPlus),
            .. isLost ? [place, .. place.Amid(followUp, plan.HidesMove, plan.HidesUidPlus)] : Enumerable.Empty<EmailPlace>(),
        ];
    }

    private static FollowUp FollowUpOf(MailboxPlan plan, NoteOutcome outcome) =>
        outcome == NoteOutcome.Completed ? plan.Completed : plan.DeadLetter;

    // An email is in the inbox, there with a copy elsewhere, only elsewhere, or deleted. An equal email may have the other copies.
    private static EmailPlace Take(EmailPlace? inInbox, List<StoredEmail> elsewhere, int number, HashSet<EmailPlace> allowed)
    {
        (EmailPlace Place, StoredEmail? Copy)[] choices =
        [
            .. elsewhere.Where(email => email.Number == number)
                .Select(copy => (inInbox is null ? copy.Place : inInbox with { Copy = copy.Place }, copy)),
            (inInbox ?? EmailPlace.Deleted, null),
        ];
        var (place, copy) = choices.Where(choice => allowed.Contains(choice.Place)).FirstOrDefault(choices[0]);
        if (copy is not null)
            elsewhere.Remove(copy);
        return place;
    }
}
