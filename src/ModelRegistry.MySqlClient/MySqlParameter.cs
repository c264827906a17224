using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace ModelRegistry.MySqlClient;

/// <summary>A value for one <c>@name</c> of a command. Its wire type is that of the value.</summary>
public sealed class MySqlParameter : DbParameter
{
    public override DbType DbType { get; set; } = DbType.Object;

    public override ParameterDirection Direction
    {
        get => ParameterDirection.Input;
        set
        {
            if (value != ParameterDirection.Input)
                throw new NotSupportedException("Only input parameters are supported.");
        }
    }

    public override bool IsNullable { get; set; }

    [AllowNull]
    public override string ParameterName { get; set => field = value?.TrimStart('@') ?? ""; } = "";

    public override int Size { get; set; }

    [AllowNull]
    public override string SourceColumn { get; set => field = value ?? ""; } = "";

    public override bool SourceColumnNullMapping { get; set; }

    public override object? Value { get; set; }

    public override void ResetDbType() => DbType = DbType.Object;
}

/// <summary>The parameters of a command, found by name.</summary>
public sealed class MySqlParameterCollection : DbParameterCollection
{
    private readonly List<MySqlParameter> parameters = [];

    public override int Count => parameters.Count;

    public override object SyncRoot => parameters;

    public override int Add(object value)
    {
        parameters.Add((MySqlParameter)value);
        return parameters.Count - 1;
    }

    public override void AddRange(Array values)
    {
        foreach (var value in values)
            Add(value!);
    }

    public override void Clear() => parameters.Clear();

    public override bool Contains(object value) => parameters.Contains((MySqlParameter)value);

    public override bool Contains(string value) => IndexOf(value) >= 0;

    public override void CopyTo(Array array, int index) => ((ICollection)parameters).CopyTo(array, index);

    public override IEnumerator GetEnumerator() => parameters.GetEnumerator();

    public override int IndexOf(object value) => parameters.IndexOf((MySqlParameter)value);

    public override int IndexOf(string parameterName)
    {
        var name = parameterName.TrimStart('@');
        return parameters.FindIndex(parameter => string.Equals(parameter.ParameterName, name, StringComparison.OrdinalIgnoreCase));
    }

    public override void Insert(int index, object value) => parameters.Insert(index, (MySqlParameter)value);

    public override void Remove(object value) => parameters.Remove((MySqlParameter)value);

    public override void RemoveAt(int index) => parameters.RemoveAt(index);

    public override void RemoveAt(string parameterName) => parameters.RemoveAt(Require(parameterName));

    internal MySqlParameter? Find(string name) => IndexOf(name) is >= 0 and var index ? parameters[index] : null;

    /// <summary>As <see cref="Find(string)"/>; quick where the parameters stand in the order of the statement.</summary>
    internal MySqlParameter? Find(string name, int expected) =>
        expected < parameters.Count && parameters[expected].ParameterName == name ? parameters[expected] : Find(name);

    protected override DbParameter GetParameter(int index) => parameters[index];

    protected override DbParameter GetParameter(string parameterName) => parameters[Require(parameterName)];

    protected override void SetParameter(int index, DbParameter value) => parameters[index] = (MySqlParameter)value;

    protected override void SetParameter(string parameterName, DbParameter value) => parameters[Require(parameterName)] = (MySqlParameter)value;

    private int Require(string name) => IndexOf(name) is >= 0 and var index ? index : throw new ArgumentException($"There is no parameter '{name}'.");
}
