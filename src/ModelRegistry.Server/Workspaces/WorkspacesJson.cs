using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Workspaces;

/// <summary>The wire records of this slice; <see cref="Http.Json.WireJson"/> has the rules they are written by.</summary>
[JsonSerializable(typeof(CreateWorkspaceRequest))]
[JsonSerializable(typeof(UpdateWorkspaceRequest))]
[JsonSerializable(typeof(WorkspaceRequest))]
[JsonSerializable(typeof(WorkspaceResponse))]
[JsonSerializable(typeof(WorkspacesResponse))]
internal sealed partial class WorkspacesJson : JsonSerializerContext;
