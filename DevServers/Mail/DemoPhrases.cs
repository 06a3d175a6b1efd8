namespace EmailIngestion.DevServers.Mail;

/// <summary>The phrases of the demo mail.</summary>
internal static class DemoPhrases
{
    public static readonly DemoLanguage English = new(
        "us-ascii",
        ["Alice Archer", "Northwind Billing", "O'Brien, Sean", "Monitoring"],
        ["Invoice {0} is due", "Support case #{0}: cannot sign in", "[ALERT] Disk usage above 90 % on node-{0}", "Re: order {0}"],
        [
            "Please find the details of invoice and payment below.", "We tried twice and saw the same error both times.",
            "The threshold was crossed at 04:12 and the alert is still active.", "Could you confirm before the end of the week?",
        ]);

    public static readonly DemoLanguage Italian = new(
        "iso-8859-1",
        ["Lucia Però", "Contabilità Rossi & Figli", "Niccolò D'Adda"],
        ["Fattura n. {0} in scadenza", "Assistenza: la richiesta {0} è stata aperta", "Allarme: il servizio {0} non risponde più"],
        [
            "In allegato trova la fattura; il pagamento è previsto entro trenta giorni.", "Il problema si è già verificato più volte.",
            "La città di consegna è cambiata: può verificare l'indirizzo?", "Cordiali saluti, e grazie per la disponibilità.",
        ]);

    public static readonly DemoLanguage German = new(
        "windows-1252",
        ["Jürgen Müller", "Buchhaltung Größe & Söhne", "Änne Weiß"],
        ["Rechnung {0} über 1.240,00 €", "Störung „Drucker“ – Ticket {0}", "Warnung: Prüfung {0} fehlgeschlagen"],
        [
            "Bitte überweisen Sie den Betrag bis zum Monatsende.", "Der Fehler tritt „immer noch“ auf – auch nach dem Neustart.",
            "Für Rückfragen stehen wir gerne zur Verfügung.", "Mit freundlichen Grüßen aus München.",
        ]);

    public static readonly DemoLanguage Japanese = new(
        "iso-2022-jp",
        ["山田太郎", "株式会社サンプル"],
        ["請求書 {0} のご案内", "お問い合わせ番号 {0} について", "【警告】サーバー {0} が応答しません"],
        ["いつもお世話になっております。", "添付の請求書をご確認ください。", "ご不明な点がございましたらお知らせください。"]);

    public static readonly DemoLanguage Russian = new(
        "koi8-r",
        ["Иван Петров", "Бухгалтерия"],
        ["Счёт {0} к оплате", "Заявка {0}: не удаётся войти", "Внимание: сбой службы {0}"],
        ["Просим оплатить счёт до конца месяца.", "Ошибка повторяется после перезагрузки.", "С уважением, отдел поддержки."]);

    public static readonly DemoLanguage Chinese = new(
        "gb18030",
        ["王小明", "示例有限公司"],
        ["发票 {0} 待付款", "工单 {0}:无法登录", "告警:节点 {0} 磁盘空间不足"],
        ["请在本月底之前付款。", "重启之后问题仍然存在。", "如有疑问,请随时与我们联系。"]);

    public static readonly DemoLanguage Others = new(
        "utf-8",
        ["فاطمة الزهراء", "Łukasz Żółć", "Ελένη Παπαδοπούλου"],
        ["فاتورة رقم {0}", "Zgłoszenie {0} – błąd logowania 🙂", "Τιμολόγιο {0} προς πληρωμή"],
        ["يرجى السداد قبل نهاية الشهر.", "Proszę o pilną odpowiedź.", "Σας ευχαριστούμε πολύ."]);

    public static readonly DemoLanguage[] All = [English, Italian, German, Japanese, Russian, Chinese, Others];
}
