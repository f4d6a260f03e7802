# Hold the profile's reader between its look at the ring and its look for an overflow (docs/upstream/b32.md).
#
#   gdb -nx -batch -ex 'set $offset = 223' -x b32.gdb --args ./held -for 100s -rate 500
#
# The offset is that of the first load of b.overflow in runtime.(*profBuf).read.
set language c
set pagination off
set confirm off
set startup-with-shell off
handle SIGPROF SIGURG SIGPIPE SIGCHLD nostop noprint pass
break *('runtime.(*profBuf).read' + $offset)
run
printf "the reader has found the ring empty, and is about to look for an overflow\n"
# A jump to itself: this thread stays here, the others go on.
set $at = (char *)$pc
set $first = $at[0]
set $second = $at[1]
set var $at[0] = 0xeb
set var $at[1] = 0xfe
delete
# Not the first drop: as long as a short record fits, it brings the count into the ring, in order.
break runtime.(*profBuf).wakeupExtra
ignore $bpnum 300
continue
printf "the ring is full, and records were dropped\n"
set var $at[0] = $first
set var $at[1] = $second
delete
# What a read has returned: length, time, header, and the first word of the stack.
break runtime/pprof.(*profileBuilder).addCPUData
continue
printf "first read:  %ld words, time %ld, header %ld, stack %ld ...\n", *(long *)$rbx, *(long *)($rbx + 8), *(long *)($rbx + 16), *(long *)($rbx + 24)
continue
printf "second read: %ld words, time %ld, header %ld\n", *(long *)$rbx, *(long *)($rbx + 8), *(long *)($rbx + 16)
kill
