# Hold the profile's reader between its look at the ring and its look for the end (docs/upstream/b30.md).
#
#   gdb -nx -batch -ex 'set $offset = 248' -x b30.gdb ./held
#
# The offset is that of the load of b.eof in runtime.(*profBuf).read.
set language c
set pagination off
set confirm off
set startup-with-shell off
handle SIGPROF SIGURG SIGPIPE SIGCHLD nostop noprint pass
break *('runtime.(*profBuf).read' + $offset)
run
printf "the reader has found the ring empty, and is about to look for the end\n"
# A jump to itself: this thread stays here, the others go on.
set $at = (char *)$pc
set $first = $at[0]
set $second = $at[1]
set var $at[0] = 0xeb
set var $at[1] = 0xfe
delete
break runtime.(*profBuf).wakeupExtra
continue
printf "samples are in the ring, and the end is set\n"
set var $at[0] = $first
set var $at[1] = $second
delete
continue
