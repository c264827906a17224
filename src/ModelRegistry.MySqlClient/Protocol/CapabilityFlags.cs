namespace ModelRegistry.MySqlClient.Protocol;

/// <summary>What client and server agree on in the handshake.</summary>
[Flags]
internal enum CapabilityFlags : uint
{
    None = 0,
    LongPassword = 0x1,
    FoundRows = 0x2,
    LongFlag = 0x4,
    ConnectWithDatabase = 0x8,
    Protocol41 = 0x200,
    Ssl = 0x800,
    Transactions = 0x2000,
    SecureConnection = 0x8000,
    MultiStatements = 0x10000,
    MultiResults = 0x20000,
    PreparedMultiResults = 0x40000,
    PluginAuth = 0x80000,
    PluginAuthLengthEncodedData = 0x200000,
    DeprecateEof = 0x1000000,
}

/// <summary>What client and MariaDB agree on besides; servers that set <see cref="CapabilityFlags.LongPassword"/> know none of it.</summary>
[Flags]
internal enum MariaDbCapabilityFlags : uint
{
    None = 0,

    /// <summary>An execution describes its columns only when they are not those that the client was told of before.</summary>
    CacheMetadata = 0x10,
}

/// <summary>State that the server reports with each result.</summary>
[Flags]
internal enum ServerStatus : ushort
{
    None = 0,
    InTransaction = 0x1,
    AutoCommit = 0x2,
    MoreResults = 0x8,
}

/// <summary>First byte of a command.</summary>
internal enum CommandKind : byte
{
    Quit = 0x01,
    Query = 0x03,
    Ping = 0x0E,
    StatementPrepare = 0x16,
    StatementExecute = 0x17,
    StatementClose = 0x19,
    ResetConnection = 0x1F,
}

/// <summary>The wire types of columns and parameters.</summary>
internal enum ColumnType : byte
{
    Decimal = 0x00,
    Tiny = 0x01,
    Short = 0x02,
    Long = 0x03,
    Float = 0x04,
    Double = 0x05,
    Null = 0x06,
    Timestamp = 0x07,
    LongLong = 0x08,
    Int24 = 0x09,
    Date = 0x0A,
    Time = 0x0B,
    DateTime = 0x0C,
    Year = 0x0D,
    VarChar = 0x0F,
    Bit = 0x10,
    Json = 0xF5,
    NewDecimal = 0xF6,
    Enum = 0xF7,
    Set = 0xF8,
    TinyBlob = 0xF9,
    MediumBlob = 0xFA,
    LongBlob = 0xFB,
    Blob = 0xFC,
    VarString = 0xFD,
    String = 0xFE,
    Geometry = 0xFF,
}

/// <summary>Properties of a column.</summary>
[Flags]
internal enum ColumnFlags : ushort
{
    None = 0,
    NotNull = 0x1,
    Unsigned = 0x20,
    Binary = 0x80,
}
