using System.Data.Common;

namespace ModelRegistry.Server.Data.MySql;

/// <summary>The server wants a proof of the password that MySqlConnector cannot give without other packages.</summary>
internal sealed class LoginMethodException(NotSupportedException cause)
    : DbException("the user logs in by a method that is not supported. Give it mysql_native_password, caching_sha2_password or GSSAPI", cause);
