wrong = 42
open("@OUTBOX@/imported", "w").close()
