"""Camera and microphone: where pictures come from, and what is made of them.

media_source  a device, or a file in its place     media       photo and clip into a sink
sound         sound alone, with a level            mp4         fragmented: a cut clip plays
viewfinder    small pictures for the screen        player      a kept recording, played
derive        still, marked and turned copies      speaker     where it is heard
probing       what lies on a recorder's stick      safely      media that others made
"""
