using ModelRegistry.MySqlClient.Statements;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class ParsedStatementTests
{
    [Theory]
    [InlineData("SELECT @a", "SELECT ?", "a")]
    [InlineData("@a,@b,@a", "?,?,?", "a b a")]
    [InlineData("@a@b", "??", "a b")]
    [InlineData("SELECT @ab, @a", "SELECT @ab, ?", "a")]
    [InlineData("SELECT @other, @@a, @@session.a", "SELECT @other, @@a, @@session.a", "")]
    [InlineData("SELECT '@a', \"@a\", `@a`", "SELECT '@a', \"@a\", `@a`", "")]
    [InlineData("SELECT 'it''s @a', @a", "SELECT 'it''s @a', ?", "a")]
    [InlineData(@"SELECT 'it\'s @a', @a", @"SELECT 'it\'s @a', ?", "a")]
    [InlineData("SELECT '!' , LIKE @a ESCAPE '!'", "SELECT '!' , LIKE ? ESCAPE '!'", "a")]
    [InlineData("-- @a\n@a", "-- @a\n?", "a")]
    [InlineData("1--@a", "1--?", "a")]
    [InlineData("# @a\n@a # @a", "# @a\n? # @a", "a")]
    [InlineData("/* @a */ @a /* @a", "/* @a */ ? /* @a", "a")]
    [InlineData("SELECT 'open @a", "SELECT 'open @a", "")]
    [InlineData("@", "@", "")]
    [InlineData("", "", "")]
    public void Names_become_question_marks_outside_of_quotes_and_comments(string sql, string expected, string names)
    {
        MySqlParameterCollection parameters = [];
        parameters.Add(new MySqlParameter { ParameterName = "@a" });
        parameters.Add(new MySqlParameter { ParameterName = "b" });
        var parsed = ParsedStatement.Parse(sql, parameters);
        Assert.Equal(expected, parsed.Sql);
        Assert.Equal(names, string.Join(' ', parsed.ParameterNames));
    }
}
