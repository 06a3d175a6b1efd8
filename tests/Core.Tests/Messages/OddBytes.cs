using System.Text;
using CsCheck;

namespace EmailIngestion.Core.Tests.Messages;

/// <summary>Generates messages as a mail server may have them: random bytes, and pieces of mail in any order.</summary>
internal static class OddBytes
{
    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", ";", "=", "\"", "<", ">", "\0", "--", "--b\r\n", "--b--\r\n", "From ", "From: ",
        "Subject: ",
        "Message-ID: <", "Date: ", "Date: Thu, 99 Foo 0000 25:61:00 +9999\r\n", "Content-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: multipart/mixed\r\n", "Content-Type: message/rfc822\r\n", "Content-Type: text/plain; charset=x-unknown\r\n",
        "Content-Type: text/plain; charset=utf-7\r\n", "Content-Type: text/html; charset=iso-2022-jp\r\n", "Content-Type: ;;=\r\n",
        "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: x\r\n",
        "Content-Disposition: attachment; filename*0*=utf-8''%C3\r\n",
        "=?utf-8?B?", "=?x?Q?=ZZ?=", "?=", "begin 644 x\r\n", "a@b", "é", "日本",
    ];

    private static readonly Gen<byte[]> Piece = Gen.OneOf(
        Gen.Int[0, Pieces.Length - 1].Select(i => Encoding.UTF8.GetBytes(Pieces[i])),
        Gen.Byte.Array[0, 4]);

    public static readonly Gen<byte[]> Any = Gen.OneOf(
        Gen.Byte.Array[0, 300],
        Piece.Array[0, 40].Select(pieces => pieces.SelectMany(piece => piece).ToArray()));
}
