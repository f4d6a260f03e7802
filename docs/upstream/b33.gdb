# Hold handlers of C threads between their look at the rate and the lock (docs/upstream/b33.md).
#
#   gdb -nx -batch -x b33.gdb --args ./foreign -rounds 1 -during 200ms
set language c
set pagination off
set confirm off
set startup-with-shell off
handle SIGPROF SIGURG SIGPIPE SIGCHLD nostop noprint pass
break *('runtime.(*cpuProfile).addNonGo')
run
printf "a handler has seen the rate, and is about to take the lock\n"
# A jump to itself: C threads that take a signal stay here, the others go on.
set $at = (char *)$pc
set $first = $at[0]
set $second = $at[1]
set var $at[0] = 0xeb
set var $at[1] = 0xfe
delete
break main._Cfunc_end
continue
printf "the profile has stopped\n"
set var $at[0] = $first
set var $at[1] = $second
delete
continue
