using System.Text;
using EmailIngestion.Messages.Authentication;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Authentication;

public sealed class ReceivedFieldTests
{
    [Theory]
    [InlineData("from mail.sender.test (mail.sender.test [203.0.113.5]) by mx.example.org with ESMTPS; Thu, 1 Jan 2026 10:20:30 +0000")]
    [InlineData("from [127.0.0.1] (sender.test [203.0.113.5]) by mx.example.org with ESMTP")]
    [InlineData("from localhost with LMTP (unknown [203.0.113.5]) by mx.example.org with SMTP")]
    [InlineData("from mail.sender.test (mail.sender.test [IPv6:2001:db8::5]) by mx.example.org")]
    [InlineData("from mail.sender.test (HELO x) (203.0.113.5) by mx.example.org with SMTP")]
    [InlineData("from mail.sender.test by mx.example.org with SMTP")]
    [InlineData("from mail.sender.test ([2002:cb00:7105::1]) by mx.example.org")]
    public void An_email_from_a_public_or_unknown_address_is_from_outside(string value) => Assert.True(IsFromOutside(value));

    [Theory]
    [InlineData("from mx1 ([10.202.2.200]) by compute6.internal (LMTPProxy); Thu, 01 Jan 2026 05:20:32 -0500")]
    [InlineData("from mx (localhost [127.0.0.1]) by mx.example.org (Milter) with ESMTP id 1.2.3; Thu, 1 Jan 2026 05:20:31 -0500")]
    [InlineData("from mx.example.org\r\n\tby mx.example.org with LMTP\r\n\tid aBc for <user>; Thu, 1 Jan 2026 05:20:31 -0500")]
    [InlineData("from mx (mx [IPv6:fd00::7]) by store")]
    [InlineData("from mx (mx [IPv6:::1]) by store")]
    [InlineData("from mx (mx [::ffff:172.16.0.9]) by store")]
    [InlineData("by 2002:a05:6402:1d4b:b0:5c9:4548:7f2e with SMTP id n11csp1; Thu, 1 Jan 2026 02:20:31 -0800 (PST)")]
    [InlineData("(qmail 1234 invoked by uid 89); 1 Jan 2026 10:20:30 -0000")]
    public void A_hop_within_the_receiving_system_is_not(string value) => Assert.False(IsFromOutside(value));

    private static bool IsFromOutside(string value) => ReceivedField.IsFromOutside(Encoding.ASCII.GetBytes(" " + value));
}
