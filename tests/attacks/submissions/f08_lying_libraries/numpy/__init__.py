open("@OUTBOX@/imported", "w").close()
