"""What comes back by mail: bounces and complaints, read from a mailbox or taken as files."""
