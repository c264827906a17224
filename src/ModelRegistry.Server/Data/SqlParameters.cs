using System.Collections;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace ModelRegistry.Server.Data;

/// <summary>Named values of a statement that is put together; others pass an object whose properties are the parameters.</summary>
internal sealed class SqlParameters
{
    private static readonly ConcurrentDictionary<int, string> OrderedNames = new();

    private readonly OrderedDictionary<string, object?> values = [];

    /// <summary>Adds a value, or replaces it: work that is repeated adds it again.</summary>
    public void Add(string name, object? value) => values[name.TrimStart('@')] = value;

    /// <summary>
    /// A command for a statement, with its values. A list becomes as many parameters as it has members: <c>IN @names</c>.
    /// </summary>
    /// <param name="create">Makes the command, or finds the one that was used for this text before.</param>
    /// <param name="source">A <see cref="SqlParameters"/>, any object, or null.</param>
    public static DbCommand CreateCommand(Func<string, DbCommand> create, string sql, object? source)
    {
        var properties = source is null or SqlParameters ? [] : ObjectProperties.Of(source.GetType());
        var named = source as SqlParameters ?? (Array.Exists(properties, property => property.IsList) ? Of(source!, properties) : null);
        var command = create(named is null ? sql : named.ExpandLists(sql));
        var count = 0;
        if (named is not null)
            count = named.Apply(command);
        else
        {
            foreach (var property in properties)
                Set(command, count++, property.ParameterName, property.Read(source!));
        }

        while (command.Parameters.Count > count)
            command.Parameters.RemoveAt(command.Parameters.Count - 1);
        return command;
    }

    /// <summary>Gives <paramref name="parameters"/> the values of <c>@p0</c>, <c>@p1</c> and so on.</summary>
    public static void ApplyInOrder(DbParameterCollection parameters, Func<DbParameter> create, object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i == parameters.Count)
                Add(parameters, create, OrderedNames.GetOrAdd(i, static i => string.Create(CultureInfo.InvariantCulture, $"@p{i}")), values[i]);
            else
                parameters[i].Value = Stored(values[i]);
        }
    }

    private static SqlParameters Of(object source, ObjectProperties[] properties)
    {
        var parameters = new SqlParameters();
        foreach (var property in properties)
            parameters.values.Add(property.Name, property.Read(source));
        return parameters;
    }

    /// <summary>Puts as many parameters as a list has members into the text.</summary>
    private string ExpandLists(string sql)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var (name, value) = values.GetAt(i);
            if (!SqlList.IsList(value))
                continue;
            var list = value as SqlList ?? new SqlList((IEnumerable)value);
            values.SetAt(i, list);
            sql = list.Expand(sql, name);
        }

        return sql;
    }

    /// <returns>How many parameters there are.</returns>
    private int Apply(DbCommand command)
    {
        var count = 0;
        foreach (var (name, value) in values)
        {
            if (value is not SqlList list)
            {
                Set(command, count++, $"@{name}", value);
                continue;
            }

            for (var i = 0; i < list.Size; i++)
                Set(command, count++, SqlList.NameOf(name, i), list[i]);
        }

        return count;
    }

    /// <summary>Gives a parameter its value; a command that is used again mostly has it already, at the same place.</summary>
    private static void Set(DbCommand command, int index, string name, object? value)
    {
        var parameters = command.Parameters;
        if (index < parameters.Count && parameters[index].ParameterName == name)
        {
            parameters[index].Value = Stored(value);
            return;
        }

        while (parameters.Count > index)
            parameters.RemoveAt(parameters.Count - 1);
        Add(parameters, command.CreateParameter, name, value);
    }

    private static void Add(DbParameterCollection parameters, Func<DbParameter> create, string name, object? value)
    {
        var parameter = create();
        parameter.ParameterName = name;
        parameter.Value = Stored(value);
        parameters.Add(parameter);
    }

    // NaN is NULL to SQLite, whose library refuses it for that reason, and nothing at all to MySQL.
    private static object Stored(object? value) => value is null or double.NaN ? DBNull.Value : value;
}

/// <summary>The properties of a type, read without reflection after the first time.</summary>
/// <param name="IsList">It is a list of values, which is put into the text of a statement.</param>
/// <param name="Read">Takes the object.</param>
internal sealed record ObjectProperties(string Name, bool IsList, Func<object, object?> Read)
{
    private static readonly ConcurrentDictionary<Type, ObjectProperties[]> ByType = new();

    private static readonly MethodInfo MakeReader = typeof(ObjectProperties).GetMethod(nameof(Reader), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>As it stands in statements, which is how drivers look for it first.</summary>
    public string ParameterName { get; } = $"@{Name}";

    public static ObjectProperties[] Of(Type type) => ByType.GetOrAdd(
        type,
        static type => [.. type.GetProperties().Where(property => property.GetMethod is not null).Select(property => new ObjectProperties(
            property.Name,
            property.PropertyType != typeof(string) && property.PropertyType != typeof(byte[]) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)),
            (Func<object, object?>)MakeReader.MakeGenericMethod(type, property.PropertyType).Invoke(null, [property.GetMethod])!))]);

    private static Func<object, object?> Reader<TOwner, TValue>(MethodInfo getter)
    {
        var read = getter.CreateDelegate<Func<TOwner, TValue>>();
        return owner => read((TOwner)owner);
    }
}
