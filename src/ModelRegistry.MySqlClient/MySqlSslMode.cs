namespace ModelRegistry.MySqlClient;

/// <summary>How much TLS a connection insists on.</summary>
public enum MySqlSslMode
{
    /// <summary>Never.</summary>
    None,

    /// <summary>When the server offers it; the certificate is not checked.</summary>
    Preferred,

    /// <summary>Always; the certificate is not checked.</summary>
    Required,

    /// <summary>Always, with a certificate of a trusted authority.</summary>
    VerifyCA,

    /// <summary>Always, with a certificate of a trusted authority that names the host.</summary>
    VerifyFull,
}
