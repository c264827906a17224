using System.Text.Json;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>Reads GraphQL: queries, and the part of the schema language that <see cref="Schema"/> needs.</summary>
internal sealed class QueryParser
{
    /// <summary>More than any query may have, and few enough for the stack and for the depth that JSON is read to.</summary>
    private const int MaxNesting = 50;

    private readonly QueryLexer lexer;
    private Token current;
    private int nesting;

    public QueryParser(string source)
    {
        lexer = new QueryLexer(source);
        current = lexer.Next();
    }

    public bool IsAtEnd => current.Kind == TokenKind.End;

    /// <exception cref="GraphQlException">The text is not GraphQL.</exception>
    public static Document Parse(string source)
    {
        var parser = new QueryParser(source);
        var operations = new List<Operation>();
        var fragments = new Dictionary<string, Fragment>(StringComparer.Ordinal);
        do
        {
            if (parser.current is not { Kind: TokenKind.Name, Value: "fragment" })
                operations.Add(parser.ReadOperation());
            else if (parser.ReadFragment() is var fragment && !fragments.TryAdd(fragment.Name, fragment))
                throw new GraphQlException($"There can be only one fragment named '{fragment.Name}'.");
        }
        while (!parser.IsAtEnd);

        return new Document(operations, fragments);
    }

    public string ReadName()
    {
        if (current.Kind != TokenKind.Name)
            throw Unexpected("Name");
        return Advance().Value;
    }

    public bool Skip(string mark)
    {
        if (current.Kind != TokenKind.Mark || current.Value != mark)
            return false;
        Advance();
        return true;
    }

    public void Expect(string mark)
    {
        if (!Skip(mark))
            throw Unexpected($"'{mark}'");
    }

    public TypeRef ReadType()
    {
        Enter();
        TypeRef type;
        if (Skip("["))
        {
            type = new TypeRef(null, ReadType(), false);
            Expect("]");
        }
        else
        {
            type = new TypeRef(ReadName(), null, false);
        }

        nesting--;
        return type with { IsRequired = Skip("!") };
    }

    /// <summary>What stands between two marks; at least one item.</summary>
    public List<T> ReadBetween<T>(string open, string close, Func<T> item)
    {
        Expect(open);
        Enter();
        var items = new List<T>();
        do
            items.Add(item());
        while (!Skip(close));
        nesting--;
        return items;
    }

    private List<T> ReadOptional<T>(string open, string close, Func<T> item) => current == new Token(TokenKind.Mark, open) ? ReadBetween(open, close, item) : [];

    private Operation ReadOperation()
    {
        if (current == new Token(TokenKind.Mark, "{"))
            return new Operation("query", null, [], [], ReadSelections());
        if (current is not { Kind: TokenKind.Name, Value: "query" or "mutation" or "subscription" })
            throw Unexpected(null);
        var kind = ReadName();
        var name = current.Kind == TokenKind.Name ? ReadName() : null;
        var variables = ReadOptional("(", ")", ReadVariable);
        return new Operation(kind, name, variables, ReadDirectives(), ReadSelections());
    }

    private Fragment ReadFragment()
    {
        Advance();
        var name = ReadName();
        if (name == "on" || ReadName() != "on")
            throw Unexpected("'on'");
        var type = ReadName();
        ReadDirectives();
        return new Fragment(name, type, ReadSelections());
    }

    private Variable ReadVariable()
    {
        Expect("$");
        var name = ReadName();
        Expect(":");
        var type = ReadType();
        var value = Skip("=") ? ReadValue() : null;
        ReadDirectives();
        return new Variable(name, type, value);
    }

    private List<Selection> ReadSelections() => ReadBetween("{", "}", ReadSelection);

    private Selection ReadSelection()
    {
        if (Skip("..."))
            return ReadSpread();
        var name = ReadName();
        var alias = Skip(":") ? name : null;
        name = alias is null ? name : ReadName();
        var arguments = ReadOptional("(", ")", ReadArgument);
        var directives = ReadDirectives();
        return new FieldSelection(alias, name, arguments, directives, current == new Token(TokenKind.Mark, "{") ? ReadSelections() : null);
    }

    private Selection ReadSpread()
    {
        if (current.Kind == TokenKind.Name && current.Value != "on")
            return new FragmentSpread(ReadName(), ReadDirectives());
        string? type = null;
        if (current.Kind == TokenKind.Name)
        {
            Advance();
            type = ReadName();
        }

        return new InlineFragment(type, ReadDirectives(), ReadSelections());
    }

    private List<Directive> ReadDirectives()
    {
        var directives = new List<Directive>();
        while (Skip("@"))
            directives.Add(new Directive(ReadName(), ReadOptional("(", ")", ReadArgument)));
        return directives;
    }

    private Argument ReadArgument()
    {
        var name = ReadName();
        Expect(":");
        return new Argument(name, ReadValue());
    }

    private Value ReadValue()
    {
        if (Skip("$"))
            return new VariableValue(ReadName());
        if (current == new Token(TokenKind.Mark, "["))
            return new ListValue(ReadList("[", "]", ReadValue));
        if (current == new Token(TokenKind.Mark, "{"))
            return new ObjectValue(ReadList("{", "}", ReadArgument));
        var json = current.Kind switch
        {
            TokenKind.Name when current.Value is "true" or "false" or "null" => current.Value,
            TokenKind.Name or TokenKind.Text => JsonText.Of(current.Value),
            TokenKind.Int or TokenKind.Float => current.Value,
            _ => throw Unexpected(null),
        };
        Advance();
        return new LiteralValue(JsonText.Parse(json));
    }

    /// <summary>As <see cref="ReadBetween"/>, and possibly empty.</summary>
    private List<T> ReadList<T>(string open, string close, Func<T> item)
    {
        Expect(open);
        Enter();
        var items = new List<T>();
        while (!Skip(close))
            items.Add(item());
        nesting--;
        return items;
    }

    private void Enter()
    {
        if (++nesting > MaxNesting)
            throw new GraphQlException($"Syntax Error: More than {MaxNesting} levels of nesting.");
    }

    private Token Advance()
    {
        var token = current;
        current = lexer.Next();
        return token;
    }

    private GraphQlException Unexpected(string? expected)
    {
        var found = current.Kind switch
        {
            TokenKind.End => "<EOF>",
            TokenKind.Mark => $"'{current.Value}'",
            _ => $"{current.Kind} '{current.Value}'",
        };
        return new GraphQlException(expected is null ? $"Syntax Error: Unexpected {found}." : $"Syntax Error: Expected {expected}, found {found}.");
    }
}

/// <summary>JSON values that belong to no document.</summary>
internal static class JsonText
{
    public static string Of(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
