using System.Text;

namespace EmailIngestion.DevServers;

/// <summary>Encodes folder names for IMAP (modified UTF-7, RFC 3501, 5.1.3).</summary>
internal static class ModifiedUtf7
{
    public static string Encode(string name)
    {
        var encoded = new StringBuilder();
        for (var i = 0; i < name.Length;)
        {
            var end = i;
            while (end < name.Length && name[end] is < ' ' or > '~') end++;
            if (end == i)
            {
                encoded.Append(name[i] == '&' ? "&-" : name[i..(i + 1)]);
                i++;
                continue;
            }

            var base64 = Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(name[i..end]));
            encoded.Append('&').Append(base64.TrimEnd('=').Replace('/', ',')).Append('-');
            i = end;
        }

        return encoded.ToString();
    }
}
