from .hosting import CollectedStreams, CommandRequest, Host, HostUI, NullHost, PipelineRequest, Streams
class Runspace: pass
class Frame: pass
