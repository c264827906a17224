using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Ui.PromptLab;

/// <summary>The artifacts of a prompt lab run: the table the UI shows, and a model that <c>mlflow.pyfunc</c> can load.</summary>
internal sealed class PromptLabFiles(string runId, DateTimeOffset created, CreatePromptLabRunRequest request)
{
    public const string Table = "eval_results_table.json";

    /// <summary>No Python made this model; the oldest that MLflow 3.11 runs on will do.</summary>
    private const string PythonVersion = "3.10.16";

    private static readonly string Requirement = $"mlflow[gateway]=={ProductInfo.MlflowVersion}";

    private readonly string modelUuid = Guid.NewGuid().ToString("N");
    private readonly string createdText = created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    /// <summary>What the run's history of models says of it.</summary>
    public JsonObject ModelInfo() => new()
    {
        ["run_id"] = runId,
        ["artifact_path"] = "model",
        ["utc_time_created"] = createdText,
        ["model_uuid"] = modelUuid,
        ["flavors"] = new JsonObject(),
    };

    /// <summary>Text by path; the model's description comes last, so that there is none without its parts.</summary>
    public IReadOnlyDictionary<string, string> All()
    {
        var inputs = new JsonObject { ["inputs"] = Values(request.PromptParameters) };
        return new OrderedDictionary<string, string>
        {
            [Table] = Python(EvalTable()),
            ["model/conda.yaml"] = Conda(),
            ["model/input_example.json"] = Python(inputs),
            ["model/parameters.yaml"] = Parameters(),
            ["model/python_env.yaml"] = $"python: {PythonVersion}\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- -r requirements.txt\n",
            ["model/requirements.txt"] = Requirement,
            ["model/serving_input_example.json"] = Python(new JsonObject { ["inputs"] = inputs.DeepClone() }),
            ["model/MLmodel"] = Model(),
        };
    }

    private JsonObject EvalTable()
    {
        var columns = new JsonArray([.. Keys(request.PromptParameters), "prompt", "output", .. Keys(request.ModelOutputParameters)]);
        var row = Values(request.PromptParameters);
        row.Add((JsonNode?)request.ModelInput);
        row.Add((JsonNode?)request.ModelOutput);
        foreach (var pair in request.ModelOutputParameters ?? [])
            row.Add((JsonNode)pair.Text);
        return new JsonObject { ["columns"] = columns, ["data"] = new JsonArray(row) };
    }

    private string Model() =>
        $"""
        artifact_path: model
        flavors:
          python_function:
            env:
              conda: conda.yaml
              virtualenv: python_env.yaml
            loader_module: mlflow.prompt.promptlab_model
            parameters_path: parameters.yaml
            python_version: {PythonVersion}
        is_signature_from_type_hint: false
        mlflow_version: {ProductInfo.MlflowVersion}
        model_id: null
        model_uuid: {modelUuid}
        prompts: null
        run_id: {runId}
        saved_input_example_info:
          artifact_path: input_example.json
          serving_input_path: serving_input_example.json
          type: json_object
        signature:
          inputs: {Quote(Python(Schema([.. (request.PromptParameters ?? []).Select(pair => pair.Key ?? "")])))}
          outputs: {Quote(Python(Schema(["output"])))}
          params: null
        type_hint_from_example: false
        utc_time_created: '{createdText}'

        """;

    private static string Conda() =>
        $"""
        channels:
        - conda-forge
        dependencies:
        - python={PythonVersion}
        - pip
        - pip:
          - {Requirement}
        name: mlflow-env

        """;

    private string Parameters() =>
        $"model_parameters:{Map(request.ModelParameters)}\nmodel_route: {Quote(request.ModelRoute!)}\n"
        + $"prompt_parameters:{Map(request.PromptParameters)}\nprompt_template: {Quote(request.PromptTemplate!)}\n";

    /// <summary>A mapping below its key; of a repeated key the last value counts.</summary>
    private static string Map(List<PromptLabPair>? pairs)
    {
        var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs ?? [])
            last[pair.Key ?? ""] = pair.Text;
        return last.Count == 0 ? " {}" : string.Concat(last.Select(pair => $"\n  {Quote(pair.Key)}: {Quote(pair.Value)}"));
    }

    private static JsonArray Schema(IReadOnlyList<string> columns) =>
        [.. columns.Select(name => new JsonObject { ["type"] = "string", ["name"] = name, ["required"] = true })];

    private static IEnumerable<JsonNode?> Keys(List<PromptLabPair>? pairs) => (pairs ?? []).Select(pair => (JsonNode?)(pair.Key ?? ""));

    private static JsonArray Values(List<PromptLabPair>? pairs) => [.. (pairs ?? []).Select(pair => (JsonNode?)pair.Text)];

    /// <summary>A text between double quotes. JSON's own writer will not do: YAML does not put halves of characters together.</summary>
    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (c is < ' ' or (>= '\x7f' and < '\xa0') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private static string Python(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString());
        return PythonText.Json(document.RootElement);
    }
}
