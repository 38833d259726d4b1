"""Camera and microphone: where pictures come from, and what is made of them.

media_source  a device, or a file in its place     media       photo and clip into a sink
mp4           fragmented, so that a cut clip plays  viewfinder  small pictures for the screen
"""
