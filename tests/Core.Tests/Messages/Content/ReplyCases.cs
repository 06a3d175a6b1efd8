using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

/// <summary>What mail programs put below an answer, by program and language.</summary>
internal static class ReplyCases
{
    private const string Quote = "\n\n> Dear Bob,\n>\n> here is the offer.\n>> What is it?\n> Ann\n";
    private const string Plain = "\n\nDear Bob,\n\nhere is the offer.\n\nAnn\n";

    public static TheoryData<string, string> Histories => new()
    {
        { "Gmail, English", "On Mon, Feb 2, 2026 at 10:00 AM Ann Example <ann@example.org> wrote:" + Quote },
        {
            "Gmail, English, wrapped",
            "On Mon, Feb 2, 2026 at 10:00 AM Ann Example of the Very Long Company Name\n<ann@example.org> wrote:" + Quote
        },
        {
            "Gmail, English, wrapped twice",
            "On Mon, Feb 2, 2026 at 10:00 AM\nAnn Example of the Very Long Company Name <\nann@example.org> wrote:" + Quote
        },
        { "Gmail, German", "Am Mo., 2. Feb. 2026 um 10:00 Uhr schrieb Ann Example <ann@example.org>:" + Quote },
        { "Gmail, German, wrapped", "Am Mo., 2. Feb. 2026 um 10:00 Uhr schrieb Ann Example <\nann@example.org>:" + Quote },
        { "Gmail for Android, German", "Ann Example <ann@example.org> schrieb am Mo., 2. Feb. 2026, 10:00:" + Quote },
        { "Gmail, French", "Le lun. 2 févr. 2026 à 10:00, Ann Example <ann@example.org> a écrit :" + Quote },
        { "Gmail, French, wrapped", "Le lun. 2 févr. 2026 à 10:00, Ann Example <ann@example.org> a\nécrit :" + Quote },
        { "Gmail, Italian", "Il giorno lun 2 feb 2026 alle ore 10:00 Ann Example <ann@example.org>\nha scritto:" + Quote },
        { "Gmail, Spanish", "El lun, 2 feb 2026 a las 10:00, Ann Example (<ann@example.org>) escribió:" + Quote },
        { "Gmail, Spanish, wrapped", "El lun, 2 feb 2026 a las 10:00, Ann Example (<ann@example.org>)\nescribió:" + Quote },
        { "Gmail of old", "2026-02-02 10:00 GMT+01:00 Ann Example <ann@example.org>:" + Quote },
        { "Gmail of old, no quotes", "2026-02-02 10:00 GMT+01:00 Ann Example <\nann@example.org>:\n\nDear Bob," },
        { "Gmail for Android, German, wrapped", "Ann <ann@example.org> schrieb am Fr., 28.\nApr. 2026 um 11:53 Uhr:" + Quote },
        { "Gmail, Dutch", "Op ma 2 feb 2026 om 10:00 schreef Ann Example <ann@example.org>:" + Quote },
        { "Gmail, Polish, wrapped", "pon., 2 lut 2026 o 10:00 Ann Example <ann@example.org>\nnapisał(a):" + Quote },
        { "Zoho", "---- On Mon, 02 Feb 2026 10:00:00 +0100 Ann <ann@example.org> wrote ----" + Plain },
        { "Apple Mail, English", "> On 2 Feb 2026, at 10:00, Ann Example <ann@example.org> wrote:\n> " + Quote },
        { "Apple Mail, English, outside", "On 2 Feb 2026, at 10:00, Ann Example <ann@example.org> wrote:" + Quote },
        { "Apple Mail, German", "> Am 02.02.2026 um 10:00 schrieb Ann Example <ann@example.org>:\n>" + Quote },
        { "Apple Mail, French", "Le 2 févr. 2026 à 10:00, Ann Example <ann@example.org> a écrit\u00a0:" + Quote },
        { "Apple Mail, Italian", "> Il giorno 2 feb 2026, alle ore 10:00, Ann Example <ann@example.org> ha scritto:\n>" + Quote },
        { "Apple Mail, Spanish", "El 2 feb 2026, a las 10:00, Ann Example <ann@example.org> escribió:" + Quote },
        { "Thunderbird, English", "On 02/02/2026 10:00, Ann Example wrote:\n> Dear Bob," },
        { "Thunderbird, English, American", "On 2/2/26 10:00 AM, Ann Example wrote:" + Quote },
        { "Thunderbird, German", "Am 02.02.2026 um 10:00 schrieb Ann Example:\n> Dear Bob," },
        { "Thunderbird, French", "Le 02/02/2026 à 10:00, Ann Example a écrit :\n> Dear Bob," },
        { "Thunderbird, Italian", "Il 02/02/2026 10:00, Ann Example ha scritto:\n> Dear Bob," },
        { "Thunderbird, Spanish", "El 02/02/2026 a las 10:00, Ann Example escribió:\n> Dear Bob," },
        { "Thunderbird, signature below", "On 02/02/2026 10:00, Ann Example wrote:\n> Dear Bob,\n\n-- \nBob Example\n+49 30 123" },
        {
            "Outlook, English",
            "From: Ann Example <ann@example.org>\nSent: Monday, February 2, 2026 10:00 AM\nTo: Bob <bob@example.org>\n"
            + "Subject: Offer" + Plain
        },
        {
            "Outlook, English, of old",
            "-----Original Message-----\nFrom: Ann Example [mailto:ann@example.org]\nSent: Monday\nTo: Bob\nSubject: Offer" + Plain
        },
        {
            "Outlook, English, many recipients",
            "From: Ann Example <ann@example.org>\nSent: Monday\nTo: Bob <bob@example.org>;\n Eve <eve@example.org>;\n"
            + "Joe <joe@example.org>\nCc: Max <max@example.org>\nSubject:" + Plain
        },
        {
            "Outlook, German",
            "Von: Ann Example <ann@example.org>\nGesendet: Montag, 2. Februar 2026 10:00\nAn: Bob <bob@example.org>\n"
            + "Betreff: Angebot" + Plain
        },
        {
            "Outlook, German, of old",
            "-----Ursprüngliche Nachricht-----\nVon: Ann Example\nGesendet: Montag\nAn: Bob\nBetreff: Angebot" + Plain
        },
        {
            "Outlook, French",
            "De : Ann Example <ann@example.org>\nEnvoyé : lundi 2 février 2026 10:00\nÀ : Bob <bob@example.org>\n"
            + "Objet : Offre" + Plain
        },
        { "Outlook, French, no-break spaces", "De\u00a0: Ann Example\nEnvoyé\u00a0: lundi\nÀ\u00a0: Bob\nObjet\u00a0: Offre" + Plain },
        { "Outlook, French, of old", "-----Message d'origine-----\nDe : Ann Example\nEnvoyé : lundi\nÀ : Bob\nObjet : Offre" + Plain },
        {
            "Outlook, Italian",
            "Da: Ann Example <ann@example.org>\nInviato: lunedì 2 febbraio 2026 10:00\nA: Bob <bob@example.org>\n"
            + "Oggetto: Offerta" + Plain
        },
        { "Outlook, Italian, of old", "-----Messaggio originale-----\nDa: Ann\nInviato: lunedì\nA: Bob\nOggetto: Offerta" + Plain },
        {
            "Outlook, Spanish",
            "De: Ann Example <ann@example.org>\nEnviado el: lunes, 2 de febrero de 2026 10:00\n"
            + "Para: Bob <bob@example.org>\nAsunto: Oferta" + Plain
        },
        { "Outlook, Spanish, of old", "-----Mensaje original-----\nDe: Ann Example\nEnviado: lunes\nPara: Bob\nAsunto: Oferta" + Plain },
        {
            "Outlook on the web",
            "________________________________\nFrom: Ann Example <ann@example.org>\nSent: Monday\nTo: Bob\nSubject: Offer" + Plain
        },
        {
            "Outlook on the web, Italian",
            "________________________________\nDa: Ann Example <ann@example.org>\nInviato: lunedì\nA: Bob\nOggetto: Offerta" + Plain
        },
        {
            "Outlook for iOS",
            "Get Outlook for iOS<https://aka.ms/x>\n________________________________\nFrom: Ann\nSent: Monday\nTo: Bob\n"
            + "Subject: Offer" + Plain
        },
        {
            "Outlook for Android, German",
            "Outlook für Android<https://aka.ms/x> herunterladen\n________________________________\nVon: Ann\n"
            + "Gesendet: Montag\n"
            + "An: Bob\nBetreff: Angebot" + Plain
        },
        {
            "Outlook for Mac",
            "From: Ann Example <ann@example.org>\nDate: Monday, 2 February 2026 at 10:00\nTo: Bob <bob@example.org>\n"
            + "Subject: Offer" + Plain
        },
        { "Outlook by Gmail's HTML", "*From:* Ann Example <ann@example.org>\n*Sent:* Monday\n*To:* Bob\n*Subject:* Offer" + Plain },
        { "Outlook with a rule of dashes", "---\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: Offer" + Plain },
        { "Outlook quoted", "> From: Ann\n> Sent: Monday\n> To: Bob\n> Subject: Offer\n>\n> Dear Bob" },
        {
            "GMX and Web.de",
            "Gesendet: Montag, 02. Februar 2026 um 10:00 Uhr\nVon: \"Ann Example\" <ann@example.org>\n"
            + "An: bob@example.org\nBetreff: Angebot" + Plain
        },
        { "Yahoo, English", "    On Monday, February 2, 2026 at 10:00:12 AM GMT+1, Ann Example <ann@example.org> wrote:  " + Plain },
        {
            "Yahoo, German",
            "    Am Montag, 2. Februar 2026 um 10:00:12 MEZ hat Ann Example <ann@example.org> Folgendes geschrieben:  " + Plain
        },
        { "Yahoo, French", "    Le lundi 2 février 2026 à 10:00:12 UTC+1, Ann Example <ann@example.org> a écrit :  " + Plain },
        { "Yahoo, Italian", "    Il lunedì 2 febbraio 2026 alle ore 10:00:12 CET, Ann Example <ann@example.org> ha scritto:  " + Plain },
        { "Yahoo, Spanish", "    El lunes, 2 de febrero de 2026, 10:00:12 CET, Ann Example <ann@example.org> escribió:  " + Plain },
        { "Yahoo, no quote marks, wrapped", "On Monday, February 2, 2026, Ann Example\n<ann@example.org> wrote:" + Plain },
        {
            "Samsung, English",
            "-------- Original message --------\nFrom: Ann Example <ann@example.org>\nDate: 2/2/26 10:00 (GMT+01:00)\n"
            + "To: Bob\nSubject: Offer" + Plain
        },
        {
            "Samsung, German",
            "-------- Ursprüngliche Nachricht --------\nVon: Ann Example\nDatum: 02.02.26 10:00\nAn: Bob\nBetreff: Angebot" + Plain
        },
        { "Proton Mail", "On Monday, February 2nd, 2026 at 10:00 AM, Ann Example <ann@example.org> wrote:" + Quote },
        {
            "Proton Mail of old",
            "------- Original Message -------\nOn Monday, February 2nd, 2026 at 10:00 AM, Ann <ann@example.org> wrote:" + Quote
        },
        { "Notes", "Ann Example <ann@example.org> wrote on 02/02/2026 10:00:00 AM:" + Quote },
        { "mutt", "On Mon, Feb 02, 2026 at 10:00:00AM +0100, Ann Example wrote:\n> Dear Bob," },
        { "KMail", "In data lunedì 2 febbraio 2026 10:00:00 CET, Ann Example ha scritto:\n> Dear Bob," },
        { "Gnus", "Ann Example <ann@example.org> writes:\n\n> Dear Bob," },
        { "a name alone", "Ann Example\n<ann@example.org> wrote:\n> Dear Bob," },
        { "quotes alone", "> Dear Bob,\n> here is the offer." },
    };

    public static TheoryData<string> Signatures =>
    [
        "-- \nBob Example\nExample Ltd\n+49 30 123", "--\nBob Example", "Sent from my iPhone", "Sent from my Samsung Galaxy smartphone.",
        "Sent from Windows Mail",
        "Sent from Mail<https://example.org/x> for Windows", "Sent with Proton Mail secure email.",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Get Outlook for Android (https://aka.ms/x)", "Von meinem iPhone gesendet", "Gesendet von meinem iPad",
        "Gesendet mit der GMX Mail App",
        "Von meinem/meiner Galaxy gesendet", "Outlook für iOS beziehen", "Gesendet von Outlook für iOS<https://aka.ms/x>",
        "Envoyé de mon iPhone", "Envoyé depuis mon téléphone Orange", "Envoyé à partir de Outlook pour Android",
        "Obtenez Outlook pour iOS",
        "Inviato da iPhone", "Inviato dal mio telefono", "Scarica Outlook per iOS", "Enviado desde mi iPhone",
        "Obtener Outlook para Android",
        "*Sent from my iPhone*", "Sent from my iPhone\n\n-- \nBob",
    ];

    public static TheoryData<string, string> Forwards => new()
    {
        {
            "Fwd: Offer",
            "See below.\n\n---------- Forwarded message ---------\nFrom: Ann <ann@example.org>\nDate: Mon\n"
            + "Subject: Offer\nTo: Bob\n\nOld."
        },
        { "Offer", "---------- Weitergeleitete Nachricht ---------\nVon: Ann\nDatum: Mo.\nBetreff: Angebot\nAn: Bob\n\nOld." },
        { "Offre", "Voici.\n\n-------- Message transféré --------\nSujet : Offre\nDate : lun.\nDe : Ann\nPour : Bob\n\nOld." },
        { "Offerta", "-------- Messaggio Inoltrato --------\nOggetto: Offerta\nData: lun\nMittente: Ann\nA: Bob\n\nOld." },
        { "Oferta", "-------- Mensaje reenviado --------\nAsunto: Oferta\nFecha: lun\nDe: Ann\nPara: Bob\n\nOld." },
        { "Fwd: Offer", "Begin forwarded message:\n\n> From: Ann\n> Subject: Offer\n> Date: Mon\n>\n> Old." },
        { "Fwd: Angebot", "Anfang der weitergeleiteten Nachricht:\n\nVon: Ann\nBetreff: Angebot\nDatum: Mo.\n\nOld." },
        { "FW: Offer", "Please answer.\n\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: Offer\n\nOld.\n\n-- \nAnn" },
        { "WG: Angebot", "Von: Ann\nGesendet: Montag\nAn: Bob\nBetreff: Angebot\n\nOld." },
        { "TR: Offre", "De : Ann\nEnvoyé : lundi\nÀ : Bob\nObjet : Offre\n\nOld." },
        { "I: Offerta", "Da: Ann\nInviato: lunedì\nA: Bob\nOggetto: Offerta\n\nOld." },
        { "RV: Oferta", "De: Ann\nEnviado: lunes\nPara: Bob\nAsunto: Oferta\n\nOld." },
    };

    public static TheoryData<string> Prose =>
    [
        "On Monday I wrote:\n\nplease send the offer.",
        "On 2 Feb 2026 at 10:00 I wrote:\n\nplease send it to ann@example.org.",
        "On Monday the customer wrote:\n\nThe parcel is lost.",
        "On 2 May 2026 the customer wrote:\n\nThe parcel is lost.",
        "Am Montag schrieb ich:\n\nbitte senden.",
        "Le directeur a écrit :\n\nMerci.",
        "Il capo ha scritto:\n\nGrazie.",
        "El jefe escribió:\n\nGracias.",
        "She writes:\n\nit is late.",
        "My flight:\nFrom: Berlin\nTo: Paris\nDate: 2 May 2026\n\nThank you.",
        "From: the beginning\n\nSubject: nothing",
        "The list:\n- one\n- two\n--- three",
        "a > b\n\nand so on",
        "Sent from my office yesterday was the parcel, and it has not arrived so far.",
        "Sent from my iPhone is what it says, you see.\n\nBob",
        "one\n-- two\nthree",
        "one\n\n---\n\ntwo",
        "Von meinem Chef\n\nweiß ich nichts",
        "Dear Ann,\n\nthe times are:\n\n10:00\n11:00",
    ];
}
