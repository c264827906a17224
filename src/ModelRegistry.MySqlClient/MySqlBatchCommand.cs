using System.Collections;
using System.Data;
using System.Data.Common;

namespace ModelRegistry.MySqlClient;

/// <summary>One statement of a <see cref="MySqlBatch"/>.</summary>
public sealed class MySqlBatchCommand : DbBatchCommand
{
    /// <summary>SQL with named parameters.</summary>
    public override string CommandText { get; set; } = "";

    public override CommandType CommandType
    {
        get => CommandType.Text;
        set
        {
            if (value != CommandType.Text)
                throw new NotSupportedException("Stored procedures are called by SQL text.");
        }
    }

    /// <summary>Not known of each statement; the reader counts them together.</summary>
    public override int RecordsAffected => -1;

    public override bool CanCreateParameter => true;

    internal MySqlParameterCollection Values { get; } = [];

    protected override DbParameterCollection DbParameterCollection => Values;

    public override DbParameter CreateParameter() => new MySqlParameter();
}

/// <summary>The statements of a <see cref="MySqlBatch"/>, in order.</summary>
public sealed class MySqlBatchCommandCollection : DbBatchCommandCollection
{
    internal List<MySqlBatchCommand> Commands { get; } = [];

    public override int Count => Commands.Count;

    public override bool IsReadOnly => false;

    public override void Add(DbBatchCommand item) => Commands.Add((MySqlBatchCommand)item);

    public override void Clear() => Commands.Clear();

    public override bool Contains(DbBatchCommand item) => IndexOf(item) >= 0;

    public override void CopyTo(DbBatchCommand[] array, int arrayIndex) => ((ICollection)Commands).CopyTo(array, arrayIndex);

    public override IEnumerator<DbBatchCommand> GetEnumerator() => Commands.GetEnumerator();

    public override int IndexOf(DbBatchCommand item) => item is MySqlBatchCommand command ? Commands.IndexOf(command) : -1;

    public override void Insert(int index, DbBatchCommand item) => Commands.Insert(index, (MySqlBatchCommand)item);

    public override bool Remove(DbBatchCommand item) => item is MySqlBatchCommand command && Commands.Remove(command);

    public override void RemoveAt(int index) => Commands.RemoveAt(index);

    protected override DbBatchCommand GetBatchCommand(int index) => Commands[index];

    protected override void SetBatchCommand(int index, DbBatchCommand batchCommand) => Commands[index] = (MySqlBatchCommand)batchCommand;
}
