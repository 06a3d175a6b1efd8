using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Tests the request of an entry for notes, and the notes.</summary>
public sealed class NoteTests
{
    private static readonly EmailMessage Email = Mail.Of("Subject: x\r\n\r\n") with { UidValidity = 7, Uid = uint.MaxValue };

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void TheRequestOfAnEntryIsReadAsItWasWritten(bool completed, bool deadLetters)
    {
        var request = new NoteRequest(3, completed, deadLetters);

        var fields = EntryCodec.Encode(Email, notes: request)
            .Select(field => new NameValueEntry(field.Name, field.Value.ToString())).ToArray();

        Assert.Equal(request, Read(fields));
        Assert.Equal(Email.Id, EntryCodec.Decode(EntryCodec.Encode(Email, notes: request), out _).Message!.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("c")]
    [InlineData("-1 c")]
    [InlineData("99999999999 c")]
    [InlineData("3 dc")]
    [InlineData("3 cx")]
    [InlineData("3 c\n")]
    public void AnUnknownRequestIsNone(string text) => Assert.Null(Read([new(EntryFields.Notes, text)]));

    [Fact]
    public void AnEntryWithoutARequestHasNone() => Assert.Null(Read(EntryCodec.Encode(Email)));

    [Fact]
    public void ANoteIsReadAsItWasWritten()
    {
        var note = new NoteRequest(3, Completed: true, DeadLetters: false).Note(NoteOutcome.Completed, Email);

        Assert.Equal("c:7:3:4294967295", note);
        Assert.Equal(new SettledNote(note, NoteOutcome.Completed, 7, 3, uint.MaxValue), SettledNote.Parse(note));
    }

    [Fact]
    public void AnOutcomeThatIsNotAskedForHasNoNote()
    {
        Assert.Null(new NoteRequest(3, Completed: true, DeadLetters: false).Note(NoteOutcome.DeadLetter, Email));
        Assert.Null(new NoteRequest(3, Completed: false, DeadLetters: true).Note(NoteOutcome.Completed, Email));
        Assert.NotNull(new NoteRequest(3, Completed: false, DeadLetters: true).Note(NoteOutcome.DeadLetterWithoutMessage, Email));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c:1:2")]
    [InlineData("x:1:2:3")]
    [InlineData("cc:1:2:3")]
    [InlineData("c:1:2:0")]
    [InlineData("c:1:2:4294967296")]
    [InlineData("c:-1:2:3")]
    [InlineData("c:1:2:3:4")]
    public void WhatIsNoNoteIsNotReadAsOne(string text) => Assert.Null(SettledNote.Parse(text));

    private static NoteRequest? Read(NameValueEntry[] fields)
    {
        var reader = new EntryReader(fields);
        return NoteRequest.Of(ref reader);
    }
}
