"""Who may sign on this tablet: PIN and device secret open an officer's keys.

identity      every officer's keys, wrapped; opening, retiring, wiping them
device_keys   the device's own key, the next one, and which is in force
keyfiles      one wrapped key on disk
pin, secret   what opens it
recovery      the office's way in
"""
